import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareTrees, showDifferences } from './compare.ts';
import { describeKernel } from './kernel.ts';
import { withBtrfs } from './loop.ts';
import { RandomTree } from './random-tree.ts';
import { run } from './run.ts';
import { walkTree } from './walk.ts';

describeKernel('RandomTree', () => {
  test('does the same for the same seed, and most of its edits are no refusals', () =>
    withBtrfs({ sizeMiB: 512 }, (volume) => {
      const subvolumes = ['a', 'b'].map((name) => join(volume.dir, name));
      for (const path of subvolumes) run('btrfs', ['subvolume', 'create', path]);
      const logs = subvolumes.map((path) => new RandomTree(path, 5).edit(400));
      expect(logs[0]).toEqual(logs[1]);
      expect(logs[0]!.filter((line) => line.includes(':')).length).toBeLessThan(160);
      const [a, b] = subvolumes as [string, string];
      run('sync', ['-f', a]);
      expect(showDifferences(compareTrees(a, b, { except: ['mtime'] }))).toEqual([]);
    }));

  test('gives a number to another inode after a remount', () =>
    withBtrfs({ sizeMiB: 512 }, (volume) => {
      const top = join(volume.dir, 'a');
      run('btrfs', ['subvolume', 'create', top]);
      const numbers = () =>
        new Map(walkTree(top).map(({ stat, kind }) => [stat.ino, `${kind} ${stat.birthtimeNs}`]));
      const tree = new RandomTree(top, 1);
      tree.edit(60);
      let reused = 0;
      for (let round = 0; round < 10; round++) {
        const before = numbers();
        tree.edit(0, { remount: () => volume.remount() });
        for (const [ino, what] of numbers()) {
          if (before.has(ino) && before.get(ino) !== what) reused++;
        }
      }
      expect(reused).toBeGreaterThan(0);
    }));
});
