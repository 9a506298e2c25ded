import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSnapshot } from '../../main/engine/verbs/snapshots.ts';
import { locateMounted } from '../../main/linux/mounts.ts';
import { mountedVolumes } from '../../main/service/volumes/mounted.ts';
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

describeKernel('a mount that another lies over', () => {
  // The volume above was said to be mounted there, with the hidden one's subvolume in it.
  test('is none of either', () =>
    withBtrfs({ sizeMiB: 256 }, (below) =>
      withBtrfs({ sizeMiB: 256 }, (above) => {
        mkdirSync(join(above.dir, 'inner'));
        run('btrfs', ['subvolume', 'create', join(below.dir, 'home')]);
        const outer = join(tmpdir(), `dendro-test-${process.pid}-outer`);
        const inner = join(outer, 'inner');
        mkdirSync(inner, { recursive: true });
        run('mount', ['-o', 'subvol=home', below.device, inner]);
        try {
          run('mount', ['--bind', above.dir, outer]);
          try {
            const paths = mountedVolumes().flatMap(({ mounts }) => mounts.map(({ path }) => path));
            expect(paths).toContain(outer);
            expect(paths).not.toContain(inner);
          } finally {
            run('umount', [outer]);
          }
          const seen = mountedVolumes().flatMap(({ mounts }) => mounts.map(({ path }) => path));
          expect(seen).toContain(inner);
        } finally {
          run('umount', [inner]);
          rmdirSync(inner);
          rmdirSync(outer);
        }
      }),
    ));

  test('no snapshot is made of what lies over a subvolume', () =>
    withBtrfs({ sizeMiB: 256 }, ({ dir, device }) => {
      for (const name of ['one', 'other']) run('btrfs', ['subvolume', 'create', join(dir, name)]);
      const uuid = /^\s*UUID:\s+(\S+)$/m.exec(
        run('btrfs', ['subvolume', 'show', join(dir, 'one')]).stdout.toString(),
      )![1]!;
      const make = (): unknown =>
        createSnapshot({
          ...{ sourcePath: join(dir, 'one'), sourceUuid: uuid },
          ...{ folder: join(dir, 'points'), name: 'point' },
        });
      run('mount', ['-o', 'subvol=other', device, join(dir, 'one')]);
      try {
        expect(make).toThrow('Something else is mounted over');
      } finally {
        run('umount', [join(dir, 'one')]);
      }
      expect(make()).toMatchObject({ path: join(dir, 'points/point') });
    }));
});
