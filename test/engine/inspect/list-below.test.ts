import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSubvolume } from '../../../main/engine/tree/index.ts';
import { openVolume } from '../../../main/engine/volume/index.ts';
import { listBelow } from '../../../main/engine/verbs/list-below.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import { fillTree } from '../../harness/fill.ts';
import { describeKernel } from '../../harness/kernel.ts';
import { withBtrfs } from '../../harness/loop.ts';
import { Random } from '../../harness/random.ts';

/** All below a mounted folder as the kernel tells it, folders first, then by name. */
function* mountedBelow(folder: Buffer, prefix = ''): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })
    .map((entry) => ({ entry, name: textFromBytes(entry.name) }))
    .map((one) => ({ ...one, rank: one.entry.isDirectory() ? 0 : 1 }))
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  for (const { entry, name } of entries) {
    yield prefix + name;
    const below = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    if (entry.isDirectory()) yield* mountedBelow(below, `${prefix + name}/`);
  }
}

describeKernel('everything below a folder', () => {
  // More than is looked at in one round, and than is held, made in another order than it is told in.
  test('comes in the order of its folders, however it lies on the disk', { timeout: 120_000 }, () =>
    withBtrfs({ sizeMiB: 512 }, (fs) => {
      const { dir, images } = fs;
      mkdirSync(join(dir, 'every kind'));
      fillTree(join(dir, 'every kind'), { files: 200 });
      const random = new Random(3);
      const folders = [join(dir, 'many')];
      mkdirSync(folders[0]!);
      for (let i = 0; i < 60_000; i += 1) {
        const above = folders[Math.floor(random.unit() * folders.length)]!;
        const path = join(above, String(random.unit()));
        if (i % 3 > 0) writeFileSync(path, '');
        else {
          mkdirSync(path);
          folders.push(path);
        }
      }
      fs.sync();
      const volume = openVolume([images[0]!]);
      const top = openSubvolume(volume, 5);
      const lost: string[] = [];
      const told = [...listBelow(top, top.rootInode, (path) => lost.push(path))];
      volume.close();
      expect(lost).toEqual([]);
      const expected = [...mountedBelow(Buffer.from(dir))];
      expect(told.findIndex(({ path }, i) => path !== expected[i])).toBe(-1);
      expect(told.length).toBe(expected.length);
      expect(told.filter(({ entry }) => entry.problem !== undefined)).toEqual([]);
    }),
  );
});
