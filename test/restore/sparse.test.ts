import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { State } from './support.ts';

const PEBIBYTE = 2 ** 50;

describeKernel('a file that is nearly all hole', () => {
  // Its hole was read as zeros, piece by piece: a billion of them.
  test('of a pebibyte comes back, and is held against another one, at once', async () => {
    const state = new State();
    try {
      await withBtrfs({}, (laptop) =>
        withBtrfs({}, async (drive) => {
          const home = join(laptop.dir, 'home');
          run('btrfs', ['-q', 'subvolume', 'create', home]);
          const make = (name: string): void => {
            writeFileSync(join(home, 'huge'), 'at the front');
            truncateSync(join(home, 'huge'), PEBIBYTE);
            run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', home, join(laptop.dir, name)]);
          };
          make('one');
          make('two');
          const found = join(drive.dir, 'found');
          mkdirSync(found);
          const { bytes } = await state.restore(join(laptop.dir, 'one/huge'), found);
          expect(bytes).toBe(PEBIBYTE);
          expect(statSync(join(found, 'huge')).size).toBe(PEBIBYTE);
          const { stdout } = await state.run(
            'diff',
            join(laptop.dir, 'one'),
            join(laptop.dir, 'two'),
          );
          expect(stdout).not.toContain('data');
        }),
      );
    } finally {
      state.close();
    }
  });
});
