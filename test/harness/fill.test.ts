import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareTrees, showDifferences } from './compare.ts';
import { fillTree } from './fill.ts';
import { describeKernel } from './kernel.ts';
import { withBtrfs } from './loop.ts';
import { pipe } from './pipeline.ts';
import { run } from './run.ts';
import { walkTree } from './walk.ts';

describeKernel('fillTree', () => {
  test('makes every kind of file, and the same tree for the same seed', () =>
    withBtrfs({ sizeMiB: 512 }, ({ dir }) => {
      for (const name of ['a', 'b']) {
        mkdirSync(join(dir, name));
        fillTree(join(dir, name), { seed: 7, files: 50 });
      }
      const kinds = new Set(walkTree(join(dir, 'a')).map((node) => node.kind));
      expect([...kinds].sort()).toEqual([
        'block-device',
        'character-device',
        'directory',
        'fifo',
        'file',
        'socket',
        'symlink',
      ]);
      run('sync', ['-f', dir]);
      expect(
        showDifferences(compareTrees(join(dir, 'a'), join(dir, 'b'), { except: ['mtime'] })),
      ).toEqual([]);
    }));

  test('goes through the stock send and receive, so that it can serve as a source', () =>
    withBtrfs({ sizeMiB: 512 }, async ({ dir }) => {
      run('btrfs', ['subvolume', 'create', join(dir, 'source')]);
      fillTree(join(dir, 'source'), { files: 50 });
      run('btrfs', ['subvolume', 'snapshot', '-r', join(dir, 'source'), join(dir, 'snapshot')]);
      mkdirSync(join(dir, 'target'));
      await pipe(
        ['btrfs', 'send', '-q', join(dir, 'snapshot')],
        ['btrfs', 'receive', '-q', join(dir, 'target')],
      );
      const found = compareTrees(join(dir, 'snapshot'), join(dir, 'target', 'snapshot'), {
        // The stock stream of version 1 carries neither flags nor holes within the file.
        except: ['flags', 'holes'],
      });
      expect(showDifferences(found)).toEqual([]);
    }));
});
