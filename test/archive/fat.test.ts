import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreArchiveSnapshot } from '../../main/archive/restore/restore-snapshot.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { fromArchive } from '../../main/places/restore/from-archive.ts';
import { restorePlace } from '../../main/places/restore/restore-place.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs } from '../harness/loop.ts';
import {
  FAT32,
  missingTool,
  mountForeign,
  type ForeignDisk,
} from '../receive/foreign-filesystem.ts';
import { context, differences, exportSnapshot, makeChain, type Chain } from './archive-harness.ts';
import { followReadme } from './follow-readme.ts';

const POINTS = 3;
const PART_BYTES = 50_000;
const CARRIED = { except: ['flags' as const, 'holes' as const] };

describeKernel('an archive on FAT32', () => {
  describe.skipIf(missingTool(FAT32))(FAT32.name, () => {
    let chain: Chain;
    let drive: ForeignDisk;
    let folder: string;
    beforeAll(async () => {
      chain = makeChain(POINTS, 8);
      drive = mountForeign(FAT32);
      folder = join(drive.dir, 'backups');
      for (const snapshot of chain.snapshots) {
        await exportSnapshot(snapshot, folder, { partBytes: PART_BYTES });
      }
    });
    afterAll(() => {
      drive?.close();
      chain?.source.close();
    });

    test('lies in parts, and is whole after it was unplugged', async () => {
      drive.mountAnew();
      const files = readdirSync(join(folder, 'live'));
      const parts = files.filter((name) => /^snap\.0\.btrfs\.zst\.\d+$|^snap\.0.*part/.test(name));
      expect([files, parts.length > 2]).toEqual([files, true]);
      for (const part of parts) {
        expect(statSync(join(folder, 'live', part)).size).toBeLessThanOrEqual(PART_BYTES);
      }
      const verdict = await verifyArchive({ folder, level: 'full' }, context());
      expect(verdict).toMatchObject({ problems: [], wholePoints: POINTS });
    });

    test('comes back with stock tools, and with Dendro', async () => {
      const stock = makeBtrfs({ sizeMiB: 1024 });
      try {
        followReadme(folder, stock.dir, '');
        for (const [i, snapshot] of chain.snapshots.entries()) {
          expect(differences(snapshot, join(stock.dir, `snap.${i}`), CARRIED)).toEqual([]);
        }
        const ours = join(stock.dir, 'ours');
        mkdirSync(ours);
        const input = { folder, point: 'latest', destination: ours };
        const { path } = await restoreArchiveSnapshot(input, context());
        expect(differences(chain.snapshots.at(-1)!, path, CARRIED)).toEqual([]);
      } finally {
        stock.close();
      }
    });

    // Where the kernel has no vfat, there is nothing that this could be tried on.
    if (!FAT32.isWhole) return;
    test('files come back onto FAT32 itself', async () => {
      const to = join(drive.dir, 'restored');
      mkdirSync(to);
      const request = { folder, point: 'latest', paths: [], destination: to };
      const input = fromArchive({ ...request, clash: 'keep-both' });
      const { losses, damages, items } = await restorePlace(input, context());
      expect([losses.length > 0, damages, items.length]).toEqual([true, [], 1]);
      const [first] = readdirSync(join(to, 'snap.2/random'));
      const path = join('random', first!);
      if (statSync(join(to, 'snap.2', path)).isFile()) {
        const real = readFileSync(join(chain.snapshots[2]!, path));
        expect(readFileSync(join(to, 'snap.2', path)).equals(real)).toBe(true);
      }
    });
  });
});
