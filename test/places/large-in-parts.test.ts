import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, mountForeign } from '../receive/foreign-filesystem.ts';
import { State } from '../restore/support.ts';

describeKernel('a sparse file that a plain folder holds in parts', () => {
  // Its holes were taken for data: there was never room enough to restore it.
  test('needs the room of its data', () =>
    withBtrfs({ sizeMiB: 256 }, async ({ dir }) => {
      const state = new State();
      const ext4 = mountForeign(FOREIGN.find(({ name }) => name === 'ext4')!);
      try {
        run('btrfs', ['subvolume', 'create', join(dir, 'home')]);
        writeFileSync(join(dir, 'home/sparse'), 'begins');
        truncateSync(join(dir, 'home/sparse'), 2 ** 42);
        run('btrfs', ['subvolume', 'snapshot', '-r', join(dir, 'home'), join(dir, 'one')]);
        const sent = dendro(['send', '-q', join(dir, 'one')]).stdout;
        expect(dendro(['receive', '-q', '--plain', ext4.dir], { input: sent }).status).toBe(0);
        const to = join(dir, 'to');
        mkdirSync(to);
        await state.ok('restore', join(ext4.dir, 'one/sparse'), to);
        expect(statSync(join(to, 'sparse'))).toMatchObject({ size: 2 ** 42 });
        expect(statSync(join(to, 'sparse')).blocks).toBeLessThan(64);
      } finally {
        ext4.close();
        state.close();
      }
    }));
});
