import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dendro, ENTRY } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { acl } from '../harness/fill.ts';
import { run, runText } from '../harness/run.ts';
import { listXattrs, setXattr } from '../harness/syscalls.ts';
import { FOREIGN, mountForeign, type ForeignDisk } from '../receive/foreign-filesystem.ts';
import { differences, leftovers, State } from './support.ts';

let laptop: TestBtrfs;
let stick: ForeignDisk;
let state: State;
let home: string;
let point: string;
let archive: string;
let plain: string;
let number = 0;

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  state = new State();
  laptop = makeBtrfs({ sizeMiB: 512 });
  stick = mountForeign(FOREIGN.find(({ name }) => name === 'exfat')!);
  home = join(laptop.dir, 'home');
  point = join(laptop.dir, 'first');
  archive = join(stick.dir, 'archive');
  plain = join(stick.dir, 'plain/first');
  run('btrfs', ['subvolume', 'create', home]);
  mkdirSync(join(home, 'docs/odd: names?'), { recursive: true });
  writeFileSync(join(home, 'docs/letter.txt'), 'as it was', { mode: 0o640 });
  writeFileSync(join(home, 'docs/odd: names?/what: is this?'), 'odd', { mode: 0o600 });
  writeFileSync(join(home, 'docs/large'), new Random(5).bytes(24 << 20));
  mkdirSync(join(home, 'docs/end:'));
  run('setfattr', ['-n', 'user.of', '-v', 'mine', join(home, 'docs/odd: names?/what: is this?')]);
  run('mknod', [join(home, 'docs/null'), 'c', '1', '3']);
  run('ln', ['-s', 'letter.txt', join(home, 'docs/link')]);
  run('ln', ['-s', '/not/there', join(home, 'docs/nowhere')]);
  run('btrfs', ['subvolume', 'snapshot', '-r', home, point]);
  await state.ok('archive export', archive, point);
  mkdirSync(join(stick.dir, 'plain'));
  const sent = dendro(['send', '-q', '--proto', '2', point]).stdout;
  const received = dendro(['receive', '-q', '--plain', join(stick.dir, 'plain')], { input: sent });
  expect(received.status).toBe(0);
  run('sh', ['-c', `echo 'written since' > '${home}/docs/letter.txt'`]);
});
afterAll(() => {
  laptop?.close();
  stick?.close();
  state?.close();
});

function freshFolder(): string {
  const folder = join(laptop.dir, `to${(number += 1)}`);
  mkdirSync(folder);
  return folder;
}

const text = (...path: string[]): string => readFileSync(join(...path), 'utf8');
const undo = async (): Promise<unknown> => state.ok('restore', '--undo', await state.lastRun());

/** How each kind of place is named, and a path in it. */
const kinds = [
  ['a snapshot', () => point, (path: string) => join(point, path)],
  ['an archive', () => `${archive}:latest`, (path: string) => `${archive}:first:/${path}`],
  ['a plain folder', () => plain, (path: string) => join(plain, path)],
] as const;

describeKernel('dendro restore takes every kind of place', () => {
  for (const [kind, whole, inside] of kinds) {
    test(`${kind}: all of it, compared in everything, and taken back`, async () => {
      const to = freshFolder();
      const plan = JSON.parse(
        await state.ok('restore', '--dry-run', '--json', whole(), to),
      ) as readonly { readonly items: readonly { to: string }[]; readonly files: number }[];
      expect(plan[0]!.items).toMatchObject([{ to: join(to, 'first') }]);
      expect(readdirSync(to)).toEqual([]);
      const { files } = await state.restore(whole(), to);
      expect(files).toBe(plan[0]!.files);
      expect(differences(point, join(to, 'first'), { except: ['flags', 'holes'] })).toEqual([]);
      expect(leftovers(to)).toEqual([]);
      await undo();
      expect(readdirSync(to)).toEqual([]);
    });

    // On btrfs it was taken off again; elsewhere somebody could read what nobody had let them.
    test(`${kind}: a default ACL of the folder stays the folder's`, async () => {
      const disk = mountForeign(FOREIGN.find(({ name }) => name === 'tmpfs')!);
      try {
        setXattr(disk.dir, 'system.posix_acl_default', acl(1001, 7));
        await state.ok('restore', whole(), inside('docs/letter.txt'), disk.dir);
        for (const path of ['letter.txt', 'first', 'first/docs', 'first/docs/letter.txt']) {
          expect(listXattrs(join(disk.dir, path)), path).toEqual([]);
        }
        expect(statSync(join(disk.dir, 'letter.txt')).mode & 0o7777).toBe(0o640);
      } finally {
        disk.close();
      }
    });

    // Out of an archive it came to be called "is this?", with what stands behind the last colon.
    test(`${kind}: a name with colons stays it`, async () => {
      const to = freshFolder();
      await state.ok('restore', inside('docs/odd: names?/what: is this?'), inside('docs/end:'), to);
      expect(readdirSync(to).sort()).toEqual(['end:', 'what: is this?']);
    });

    // Of snapshots the other tests here tell.
    if (kind === 'a snapshot') continue;

    test(`${kind}: a file to where it was, beside it and into a folder that is not there`, async () => {
      const letter = inside('docs/letter.txt');
      const said = await state.ok('restore', '--in-place', letter);
      expect(said).toContain('letter (before restore).txt');
      expect(text(home, 'docs/letter.txt')).toBe('as it was');
      await undo();
      expect(text(home, 'docs/letter.txt')).toBe('written since\n');

      await state.ok('restore', '--beside', letter);
      const beside = join(home, 'docs/letter (restored).txt');
      expect(text(beside)).toBe('as it was');
      rmSync(beside);

      const to = join(freshFolder(), 'new');
      await state.ok('restore', letter, inside('docs/null'), to);
      expect(readdirSync(to).sort()).toEqual(['letter.txt', 'null']);
      expect(statSync(join(to, 'null')).isCharacterDevice()).toBe(true);
      // The folder that was made for it stayed behind, empty.
      await undo();
      expect(existsSync(to)).toBe(false);
      mkdirSync(to);
      writeFileSync(join(to, 'letter.txt'), 'mine');
      await state.ok('restore', '--clash=skip', letter, to);
      expect(text(to, 'letter.txt')).toBe('mine');
    });

    test(`${kind}: killed in the middle, the same command goes on`, async () => {
      const to = freshFolder();
      const args = ['restore', '--no-share', inside('docs'), to];
      const child = spawn(process.execPath, [ENTRY, ...args], {
        env: { ...process.env, DENDRO_STATE: state.folder },
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      while (child.exitCode === null && leftovers(to).length === 0) await sleep(1);
      child.kill('SIGKILL');
      await ended;
      await state.ok(...(args as ['restore', ...string[]]));
      expect(readdirSync(to)).toEqual(['docs']);
      const shown = { except: ['flags' as const, 'holes' as const] };
      expect(differences(join(point, 'docs'), join(to, 'docs'), shown)).toEqual([]);
    });
  }

  test('a file of a plain folder is found by the name that the disk gave it', async () => {
    const [folder] = readdirSync(join(plain, 'docs')).filter((name) => name.startsWith('odd'));
    const [file] = readdirSync(join(plain, 'docs', folder!));
    expect(file).not.toBe('what: is this?');
    const to = freshFolder();
    await state.ok('restore', join(plain, 'docs', folder!, file!), to);
    const restored = join(to, 'what: is this?');
    expect(statSync(restored).mode & 0o777).toBe(0o600);
    expect(runText('getfattr', ['--only-values', '-n', 'user.of', restored])).toBe('mine');
  });

  test('several points of several places in one command, with one undo', async () => {
    const to = freshFolder();
    const places = [join(point, 'docs/letter.txt'), `${archive}:first:/docs/link`, plain];
    await state.ok('restore', ...places, to);
    expect(readdirSync(to).sort()).toEqual(['first', 'letter.txt', 'link']);
    await undo();
    expect(readdirSync(to)).toEqual([]);
  });

  test('one of several that is not there: nothing is written of the others', async () => {
    const to = freshFolder();
    const places = [join(point, 'docs/letter.txt'), `${archive}:first:/docs/none`];
    const { status, stderr } = await state.run('restore', ...places, to);
    expect([status, stderr]).toEqual([6, expect.stringContaining('path-not-found')]);
    expect(readdirSync(to)).toEqual([]);
  });

  test('an encrypted archive is opened by its passphrase', async () => {
    const [sealed, key] = [join(stick.dir, 'sealed'), join(laptop.dir, 'key')];
    writeFileSync(key, 'a long passphrase\n');
    await state.ok('archive export', '--passphrase', '--passphrase-file', key, sealed, point);
    const to = freshFolder();
    const letter = `${sealed}:first:/docs/letter.txt`;
    await state.ok('restore', '--passphrase-file', key, letter, to);
    expect(text(to, 'letter.txt')).toBe('as it was');
    const { status, stderr } = await state.run('restore', letter, to);
    expect([status, stderr]).toEqual([6, expect.stringContaining('archive-encrypted')]);
  });

  // On a mounted snapshot it was followed, even out of it: into what is there now.
  test('a link that is named comes back itself, also one that leads nowhere', async () => {
    for (const inside of kinds.map(([, , inside]) => inside)) {
      const to = freshFolder();
      await state.ok('restore', inside('docs/link'), inside('docs/nowhere'), to);
      expect(readlinkSync(join(to, 'link'))).toBe('letter.txt');
      expect(readlinkSync(join(to, 'nowhere'))).toBe('/not/there');
    }
  });

  test('a link beside the points leads to one', async () => {
    const [to, latest] = [freshFolder(), join(laptop.dir, 'latest')];
    symlinkSync('first', latest);
    await state.ok('restore', join(latest, 'docs/letter.txt'), to);
    await state.ok('restore', latest, to);
    expect(readdirSync(to).sort()).toEqual(['latest', 'letter.txt']);
    expect(differences(point, join(to, 'latest'))).toEqual([]);
  });

  test('a folder about which nothing is known is taken as it lies there', async () => {
    const loose = join(stick.dir, 'loose');
    mkdirSync(join(loose, 'a'), { recursive: true });
    writeFileSync(join(loose, 'a/file'), 'copied by hand');
    const to = freshFolder();
    await state.ok('restore', join(loose, 'a/file'), to);
    await state.ok('restore', loose, to);
    expect([text(to, 'file'), text(to, 'loose/a/file')]).toEqual(Array(2).fill('copied by hand'));
  });

  test('an archive without a point, a point that is not there, a place that is nothing', async () => {
    const to = freshFolder();
    const said = async (place: string): Promise<string> =>
      (await state.run('restore', place, to)).stderr.split(':')[0]!;
    expect(await said(archive)).toBe('which-point');
    expect(await said(join(archive, 'home', readdirSync(join(archive, 'home'))[0]!))).toBe(
      'which-point',
    );
    expect(await said(`${archive}:none`)).toBe('point-not-found');
    expect(await said(join(plain, 'docs/none'))).toBe('path-not-found');
    expect(await said(join(stick.dir, 'none'))).toBe('not-found');
    expect(existsSync(join(to, 'none'))).toBe(false);
  });
});
