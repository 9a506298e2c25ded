import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { State } from '../restore/support.ts';
import { LAYOUTS, makeSystem, type Layout } from './layouts.ts';

/** What the boot would see: mounted with its options, and nothing else. */
function asBooted(fs: TestBtrfs, options: string, look: (top: string) => void): void {
  fs.unmount();
  fs.mount(options);
  try {
    look(fs.dir);
  } finally {
    fs.unmount();
    fs.mount('subvolid=5');
  }
}

async function withSystem(
  layout: Layout,
  use: (fs: TestBtrfs, boot: string, state: State) => Promise<void>,
): Promise<void> {
  const state = new State();
  const boot = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  try {
    await withBtrfs({ sizeMiB: 256, mountOptions: 'subvolid=5' }, async (fs) => {
      makeSystem(fs, layout, boot);
      fs.sync();
      await use(fs, boot, state);
    });
  } finally {
    state.close();
    rmSync(boot, { recursive: true });
  }
}

function argumentsFor(fs: TestBtrfs, layout: Layout, boot: string): string[] {
  return [...(layout.isBootInTree ? [] : ['--boot', boot]), join(fs.dir, layout.point)];
}

/** Without generations: what was written before, or an access time, may be committed meanwhile. */
function subvolumesOf(fs: TestBtrfs): string {
  return runText('btrfs', ['subvolume', 'list', fs.dir]).replaceAll(/ gen \d+/g, '');
}

describeKernel('rollback', () => {
  for (const layout of LAYOUTS) {
    test(`a system laid out as ${layout.name} does it boots into the point`, () =>
      withSystem(layout, async (fs, boot, state) => {
        const args = argumentsFor(fs, layout, boot);
        const before = subvolumesOf(fs);
        await state.ok('rollback', '--dry-run', ...args);
        expect(subvolumesOf(fs)).toBe(before);
        const result = JSON.parse(await state.ok('rollback', '--json', ...args)) as {
          keptPath: string;
        };
        expect(readFileSync(join(fs.dir, result.keptPath, 'only-now'), 'utf8')).toBe('now');
        expect(existsSync(join(fs.dir, '.dendro-rollback.json'))).toBe(false);
        asBooted(fs, layout.bootOptions, (top) => {
          expect(readFileSync(join(top, 'version'), 'utf8')).toBe('then');
          expect(existsSync(join(top, 'only-now'))).toBe(false);
          for (const nested of layout.nested) {
            expect(readFileSync(join(top, nested, 'inside'), 'utf8')).toBe(nested);
          }
          writeFileSync(join(top, 'writable'), '');
        });
        // Once more: what was put aside is not what is meant.
        const again = JSON.parse(await state.ok('rollback', '--json', ...args)) as {
          keptPath: string;
        };
        expect(existsSync(join(fs.dir, again.keptPath, 'writable'))).toBe(true);
        asBooted(fs, layout.bootOptions, (top) => {
          expect(readFileSync(join(top, 'version'), 'utf8')).toBe('then');
          expect(existsSync(join(top, 'writable'))).toBe(false);
        });
        // And back again, to what was kept.
        const kept = join(fs.dir, result.keptPath);
        const current = JSON.parse(
          await state.ok('rollback', '--json', ...args.slice(0, -1), ...target(fs, layout), kept),
        ) as { newPath: string };
        expect(current.newPath).not.toBe('');
        asBooted(fs, layout.bootOptions, (top) => {
          expect(readFileSync(join(top, 'version'), 'utf8')).toBe('now');
          for (const nested of layout.nested) {
            expect(readFileSync(join(top, nested, 'inside'), 'utf8')).toBe(nested);
          }
        });
      }));
  }

  const ubuntu = LAYOUTS.find(({ root }) => root === '@')!;

  test('is refused when no kernel in /boot has modules in the point', () =>
    withSystem(ubuntu, async (fs, boot, state) => {
      const modules = join(fs.dir, '@/usr/lib/modules');
      run('mv', [join(modules, '6.5.0'), join(modules, '6.4.0')]);
      const point = join(fs.dir, 'older');
      run('btrfs', ['subvolume', 'snapshot', '-r', join(fs.dir, '@'), point]);
      const args = ['--subvolume', join(fs.dir, '@'), point];
      const { status, stderr } = await state.run('rollback', ...args);
      expect([status, stderr]).toEqual([6, expect.stringContaining('kernel-without-modules')]);
      expect(readFileSync(join(fs.dir, '@/version'), 'utf8')).toBe('now');
      await state.ok('rollback', '--force', ...args);
      expect(boot).not.toBe('');
    }));

  test('is refused where the boot loader names the subvolume by number', () =>
    withSystem(ubuntu, async (fs, _boot, state) => {
      const id = runText('btrfs', ['inspect-internal', 'rootid', join(fs.dir, '@')]);
      const line = `linux /vmlinuz root=UUID=1 rootflags=subvolid=${id}\n`;
      const point = join(fs.dir, 'numbered');
      writeFileSync(join(fs.dir, '@/boot/grub/grub.cfg'), line);
      run('btrfs', ['subvolume', 'snapshot', '-r', join(fs.dir, '@'), point]);
      const { status, stderr } = await state.run('rollback', point);
      expect([status, stderr]).toEqual([6, expect.stringContaining('boot-by-number')]);
    }));

  // The kernel moves no read-only subvolume to another folder: the rollback was done by then, said
  // EROFS, and the same command never finished it.
  test('read-only snapshots that lie in the subvolume stay in the old one, and that is told', () =>
    withSystem(ubuntu, async (fs, _boot, state) => {
      const folder = join(fs.dir, '@/snaps');
      run('mkdir', [folder]);
      for (const name of ['one', 'two'])
        run('btrfs', ['subvolume', 'snapshot', '-r', join(fs.dir, '@'), join(folder, name)]);
      writeFileSync(join(fs.dir, '@/version'), 'after');
      const point = join(folder, 'one');
      const told = /stay in "@\.before-rollback-[^"]*": snaps\/one, snaps\/two\./;
      expect(await state.ok('rollback', '--dry-run', point)).toMatch(told);
      const output = await state.ok('rollback', point);
      expect(output).toMatch(told);
      expect(existsSync(join(fs.dir, '.dendro-rollback.json'))).toBe(false);
      expect(readFileSync(join(fs.dir, '@/version'), 'utf8')).toBe('now');
      const kept = /old one is (\S+)\./.exec(output)![1]!;
      for (const name of ['one', 'two'])
        expect(readFileSync(join(fs.dir, kept, 'snaps', name, 'version'), 'utf8')).toBe('now');
    }));

  test('takes the number out of the fstab of the restored system', () =>
    withSystem(ubuntu, async (fs, _boot, state) => {
      const id = runText('btrfs', ['inspect-internal', 'rootid', join(fs.dir, '@')]);
      const text = `UUID=1 / btrfs defaults,subvolid=${id},subvol=/@ 0 0\n`;
      writeFileSync(join(fs.dir, '@/etc/fstab'), text);
      const point = join(fs.dir, 'with-number');
      run('btrfs', ['subvolume', 'snapshot', '-r', join(fs.dir, '@'), point]);
      await state.ok('rollback', point);
      const after = readFileSync(join(fs.dir, '@/etc/fstab'), 'utf8');
      expect(after).toBe('UUID=1 / btrfs defaults,subvol=/@ 0 0\n');
    }));
});

/** What is rolled back is a snapshot's own source no more after the first time. */
function target(fs: TestBtrfs, layout: Layout): string[] {
  const path =
    layout.bootOptions === ''
      ? runText('btrfs', ['subvolume', 'get-default', fs.dir]).replace(/^.* path /, '')
      : layout.root;
  return ['--subvolume', join(fs.dir, path)];
}
