import { expect, test, vi } from 'vitest';
import { listSubvolumes, openSubvolume } from '../../../main/engine/tree/index.ts';
import { openVolume } from '../../../main/engine/volume/index.ts';
import { Cursor } from '../../../main/engine/volume/cursor.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs } from '../../harness/loop.ts';
import { run } from '../../harness/run.ts';
import { createSnapshot, createSubvolume } from '../../harness/syscalls.ts';

const COUNT = 300;

// All were read for each that was opened: a thousand clone sources among 5,000 snapshots took 58 s.
describeKernel('subvolumes that are opened by their numbers', () => {
  test('are what the list of all says, and others are not read for it', async () => {
    await withBtrfs({}, (fs) => {
      const at = (name: string): string => `${fs.dir}/${name}`;
      createSubvolume(at('live'));
      run('mkdir', ['-p', at('live/folder')]);
      createSubvolume(at('live/folder/inner'));
      createSubvolume(at('gone'));
      for (let i = 0; i < COUNT; i += 1) createSnapshot(at('live'), at(`snap-${i}`), true);
      run('btrfs', ['-q', 'subvolume', 'delete', at('gone')]);
      fs.sync();
      const volume = openVolume([fs.device]);
      const all = listSubvolumes(volume);
      expect(all.length).toBe(COUNT + 3);
      const steps = vi.spyOn(Cursor.prototype, 'next');
      for (const info of all) expect(openSubvolume(volume, info.id).info).toEqual(info);
      expect(steps.mock.calls.length).toBeLessThan(20 * COUNT);
      steps.mockRestore();
      const numbers = new Set(all.map(({ id }) => id));
      for (let id = 0; id < 256 + COUNT + 10; id += 1) {
        if (numbers.has(id)) continue;
        expect(() => openSubvolume(volume, id)).toThrow(
          expect.objectContaining({ code: 'subvolume-not-found' }),
        );
      }
      volume.close();
    });
  });
});
