import { closeSync, openSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { openVolume } from '../../main/engine/volume/index.ts';
import { Cursor } from '../../main/engine/volume/cursor.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import * as sys from '../harness/syscalls.ts';
import { receiveBytes, takeSnapshot } from '../receive/receive-harness.ts';
import { encode } from './round-trip.ts';

const SECTOR = 4096;
/** More than are kept with all of their places. */
const EXTENTS = 96;
const EXTENT_BYTES = 64 << 10;
const BASE_BYTES = EXTENTS * EXTENT_BYTES;
const PIECES = 20_000;

// For each item of a file that shows an extent all places of the extent were looked up: with some
// five hundred of them a file of 50,000 items took 68 s of processor time, and takes 1; one of 1.1
// million items did not come to its end.
describeKernel('a file of pieces that hundreds of places show', () => {
  test('each is looked up a few times', { timeout: 300_000 }, async () => {
    await withBtrfs({ sizeMiB: 512 }, async (source) => {
      const live = `${source.dir}/live`;
      run('btrfs', ['-q', 'subvolume', 'create', live]);
      const random = new Random(7);
      for (let i = 0; i < EXTENTS; i += 1) {
        writeFileSync(`${live}/base`, random.bytes(EXTENT_BYTES), { flag: 'a', flush: true });
      }
      const [from, to] = [openSync(`${live}/base`, 'r'), openSync(`${live}/pieces`, 'w+')];
      for (let i = 0, at = 0; i < PIECES; i += 1) {
        const length = SECTOR * random.between(1, 4);
        const offset = SECTOR * random.between(0, (BASE_BYTES - length) / SECTOR);
        sys.cloneRange(from, offset, length, to, at);
        at += length + SECTOR * random.between(0, 1);
      }
      takeSnapshot(live, `${source.dir}/one`);
      // Leaves that both have are named in the place of files.
      for (let i = 0; i < 200; i += 1) {
        const at = SECTOR * random.between(0, PIECES);
        sys.cloneRange(from, SECTOR * random.between(0, 1_000), 2 * SECTOR, to, at);
      }
      for (const fd of [from, to]) closeSync(fd);
      takeSnapshot(live, `${source.dir}/two`);
      source.sync();
      const seeks = vi.spyOn(Cursor.prototype, 'seek');
      const volume = openVolume([source.device]);
      const full = encode(volume, 'one', {});
      const increment = encode(volume, 'two', { parent: 'one' });
      volume.close();
      expect(seeks.mock.calls.length).toBeLessThan(10 * PIECES);
      seeks.mockRestore();
      // The base, and next to nothing twice.
      expect(full.length).toBeLessThan(BASE_BYTES + 400 * PIECES);
      await withBtrfs({ sizeMiB: 512 }, ({ dir }) => {
        for (const stream of [full, increment]) receiveBytes(stream, dir);
        for (const name of ['one', 'two']) {
          const found = compareTrees(`${source.dir}/${name}`, `${dir}/${name}`);
          expect(showDifferences(found)).toEqual([]);
        }
      });
    });
  });
});
