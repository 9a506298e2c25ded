import { closeSync, copyFileSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

const LOG = /was not unmounted.* in a log that the next mount replays, and is not seen here/;

describeKernel('an image of a disk that was not unmounted', () => {
  // Only `volumes -v` and the page said so: a file that was synced was missing without a word.
  test.each(['ls', 'verify', 'du'])('%s says that a log waits', async (command) => {
    await withBtrfs({ sizeMiB: 128 }, (fs) => {
      fs.sync();
      const fd = openSync(`${fs.dir}/synced`, 'w');
      writeSync(fd, 'synced, and not committed');
      fsyncSync(fd);
      closeSync(fd);
      const copy = `${fs.dir}.img`;
      run('sync', ['-f', fs.images[0]!]);
      copyFileSync(fs.images[0]!, copy);
      const { status, stderr } = dendro([command, copy]);
      expect([status, String(stderr)]).toEqual([0, expect.stringMatching(LOG)]);
      fs.unmount();
      expect(String(dendro([command, fs.images[0]!]).stderr)).toBe('');
    });
  });
});
