import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locateMounted } from '../../main/linux/mounts.ts';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

const within = (path: string): string =>
  Buffer.from(locateMounted(Buffer.from(path)).inside).toString();

describeKernel('a folder that is mounted by itself', () => {
  // Read was the folder that lies under the mount, if there was one; else no subvolume was found.
  test('is read where it lies, on another filesystem, the same, or below none', () =>
    withBtrfs({ sizeMiB: 256 }, (home) =>
      withBtrfs({ sizeMiB: 256 }, (other) => {
        const at = (path: string): string => join(home.dir, 'home', path);
        run('btrfs', ['subvolume', 'create', join(home.dir, 'home')]);
        run('btrfs', ['subvolume', 'create', join(other.dir, 'data')]);
        const folders = [at('music/deep'), at('shown'), join(other.dir, 'data/music/deep')];
        for (const folder of folders) mkdirSync(folder, { recursive: true });
        writeFileSync(at('shown/hidden'), '');
        writeFileSync(at('music/deep/here'), 'here');
        writeFileSync(join(other.dir, 'data/music/deep/there'), 'there');

        for (const [folder, file] of [
          [at('music'), 'here'],
          [join(other.dir, 'data/music'), 'there'],
        ] as const) {
          run('mount', ['--bind', folder, at('shown')]);
          try {
            expect(within(at('shown'))).toBe('music');
            expect(within(at(`shown/deep/${file}`))).toBe(`music/deep/${file}`);
            expect(dendro(['ls', at('shown')]).stdout.toString()).toBe('deep\n');
            expect(dendro(['cat', at(`shown/deep/${file}`)]).stdout.toString()).toBe(file);
          } finally {
            run('umount', [at('shown')]);
          }
        }
        run('mount', ['--bind', at('music/deep/here'), at('shown/hidden')]);
        try {
          expect(() => within(at('shown/hidden'))).toThrow('is a file that is mounted by itself');
        } finally {
          run('umount', [at('shown/hidden')]);
        }
        // Below none: as in a container.
        const alone = join(tmpdir(), `dendro-test-${process.pid}-alone`);
        mkdirSync(alone);
        try {
          run('mount', ['--bind', at('music'), alone]);
          expect(dendro(['ls', alone]).stdout.toString()).toBe('deep\n');
        } finally {
          run('umount', [alone]);
          rmdirSync(alone);
        }
      }),
    ));
});
