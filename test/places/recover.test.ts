import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Encrypter } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelToken } from '../../main/engine/cancel.ts';
import { restorePlace } from '../../main/places/restore/restore-place.ts';
import { textFromBytes } from '../../shared/model/bytes-text.ts';
import type { RecoverReport } from '../../shared/model/recover.ts';
import { dendro } from '../cli/dendro.ts';
import { fillTree } from '../harness/fill.ts';
import { makeIdentity } from '../../main/archive/format/age-header.ts';
import { describeKernel, onPath } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { differences, leftovers, State } from '../restore/support.ts';

let laptop: TestBtrfs;
/** Where everything lies that is left: archive, streams, plain folder, the image of a disk. */
let stick: TestBtrfs;
let state: State;
let number = 0;

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  state = new State();
  laptop = makeBtrfs({ sizeMiB: 256 });
  stick = makeBtrfs({ sizeMiB: 768 });
  const home = join(laptop.dir, 'home');
  run('btrfs', ['subvolume', 'create', home]);
  fillTree(home, { seed: 3, files: 60 });
  const snapshot = (name: string): string => {
    run('btrfs', ['subvolume', 'snapshot', '-r', home, join(laptop.dir, name)]);
    return join(laptop.dir, name);
  };
  const one = snapshot('one');
  writeFileSync(join(home, 'since'), 'written since');
  const two = snapshot('two');
  for (const name of ['btrbk', 'plain', 'disks']) mkdirSync(join(stick.dir, name));
  await state.ok('archive export', join(stick.dir, 'archive'), one);
  // As btrbk leaves them: a full stream, and an increment that is packed.
  const full = join(stick.dir, 'btrbk/one.btrfs');
  run('btrfs', ['send', '-q', '-f', full, one]);
  run('sh', ['-c', `btrfs send -q -p '${one}' '${two}' | zstd -q > '${full}.2.btrfs.zst'`]);
  const sent = dendro(['send', '-q', '--proto', '2', one]).stdout;
  const plain = ['receive', '-q', '--plain', join(stick.dir, 'plain')];
  expect(dendro(plain, { input: sent }).status).toBe(0);
  laptop.sync();
  run('cp', ['--sparse=always', laptop.images[0]!, join(stick.dir, 'disks/laptop.img')]);
});
afterAll(() => {
  laptop?.close();
  stick?.close();
  state?.close();
});

async function look(path: string): Promise<RecoverReport> {
  const { stdout, stderr } = await state.run('recover', '--json', path);
  // Deeper than a look goes: the tree with every kind of path.
  expect(stderr.replace(/^There is more than was looked through.*\n/, '')).toBe('');
  return JSON.parse(stdout) as RecoverReport;
}

function freshFolder(): string {
  const folder = join(stick.dir, `.to${(number += 1)}`);
  mkdirSync(folder);
  return folder;
}

/** Barring flags are left off on purpose. */
const except = { ignore: (path: string): boolean => path.startsWith('flags') };

describeKernel('without any history', () => {
  test('everything that can be restored is listed, of a disk, an image and a folder', async () => {
    const names = ({ points, holders }: RecoverReport): string[] =>
      points.map(({ name, kind, holder }) => `${holders[holder]!.kind} ${kind} ${name}`).sort();
    const ofDisk = ['/', 'home', 'one', 'two'];
    const kinds = ['subvolume', 'subvolume', 'snapshot', 'snapshot'];
    const volume = ofDisk.map((name, i) => `volume ${kinds[i]!} ${name}`).sort();
    expect(names(await look(laptop.device))).toEqual(volume);
    expect(names(await look(join(stick.dir, 'disks/laptop.img')))).toEqual(volume);
    expect(names(await look(laptop.dir))).toEqual(expect.arrayContaining(volume));
    const ofStick = [
      ...['archive full home/one', 'folder folder one', 'streams full one'],
      ...['streams increment two', ...volume, 'volume subvolume /'],
    ];
    expect(names(await look(stick.dir))).toEqual(ofStick.sort());
  });

  test('and restored, whole and single, from each of them', async () => {
    const places: [string, string][] = [
      [join(stick.dir, 'archive'), 'home/one'],
      [join(stick.dir, 'btrbk'), 'one'],
      [join(stick.dir, 'plain'), 'one'],
      [join(stick.dir, 'disks'), 'one'],
    ];
    for (const [path, point] of places) {
      const folder = freshFolder();
      await state.ok('recover', '--to', folder, path, point);
      const found = differences(join(laptop.dir, 'one'), join(folder, 'one'), except);
      // The stock sender says nothing of flags.
      const isStock = path.endsWith('btrbk');
      expect([path, ...found.filter((line) => !isStock || !line.includes('flags'))]).toEqual([
        path,
      ]);
      expect([path, readdirSync(folder)]).toEqual([path, ['one']]);
      rmSync(folder, { recursive: true });
    }
    const folder = freshFolder();
    await state.ok('recover', '--to', folder, join(stick.dir, 'btrbk'), 'two', 'since');
    expect(readdirSync(folder)).toEqual(['since']);
    const { stdout } = await state.run('recover', '--ls', join(stick.dir, 'plain'), 'one');
    expect(stdout).toContain('names');
  });

  test('a restore that was killed goes on, and its undo takes it back', async () => {
    for (const kind of ['archive', 'folder'] as const) {
      const folder = freshFolder();
      const place =
        kind === 'archive'
          ? { kind, folder: join(stick.dir, 'archive'), point: 'home/one' }
          : { kind, folder: join(stick.dir, 'plain/one') };
      const input = { place, items: [{ from: '', to: 'one' }], folder };
      const cancel = new CancelToken();
      const brokenOff = ({ files }: { files: number }): void => {
        if (files > 30) throw new Error('broken off');
      };
      await expect(restorePlace(input, { cancel, progress: brokenOff })).rejects.toThrow('broken');
      expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual([]);
      expect(leftovers(folder)).toHaveLength(1);
      const summary = await restorePlace(input, { cancel, progress: () => {} });
      expect([kind, summary.damages]).toEqual([kind, []]);
      expect(differences(join(laptop.dir, 'one'), join(folder, 'one'), except)).toEqual([]);
      expect(leftovers(folder)).toEqual([]);
    }
    const folder = freshFolder();
    const args = ['--clash=replace', '--to', folder, join(stick.dir, 'archive'), '1', 'names'];
    writeFileSync(join(folder, 'names'), 'stands there');
    await state.ok('recover', ...args);
    expect(readdirSync(folder).sort()).toEqual(['names', 'names (before restore)']);
    await state.ok('restore', '--undo', await state.lastRun());
    expect(readdirSync(folder)).toEqual(['names']);
  });

  // "Could not open", or nothing at all: names were made text on the way.
  test('stream files in a folder whose name is not UTF-8', async () => {
    const odd = Buffer.concat([Buffer.from(`${stick.dir}/odd`), Buffer.of(0xff, 0xc1)]);
    cpSync(join(stick.dir, 'btrbk'), join(stick.dir, 'odd'), { recursive: true });
    renameSync(join(stick.dir, 'odd'), odd);
    try {
      const names = async (path: string): Promise<string[]> =>
        (await look(path)).points.map(({ name }) => name).sort();
      const path = textFromBytes(odd);
      expect(await names(path)).toEqual(await names(join(stick.dir, 'btrbk')));
      const to = freshFolder();
      await state.ok('recover', '--to', to, path, 'two');
      // Streams of version 1 have no flags.
      const found = differences(join(laptop.dir, 'two'), join(to, 'two'));
      expect(found.filter((line) => !line.includes(': flags: '))).toEqual([]);
    } finally {
      rmSync(odd, { recursive: true });
    }
  });

  test('a folder that may not be read is no folder to restore from', () => {
    const argv = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
    const locked = join(stick.dir, 'locked');
    mkdirSync(locked, { mode: 0o700 });
    const entry = new URL('../../main/cli/dendro.ts', import.meta.url).pathname;
    const { status, stderr } = run('setpriv', [...argv, entry, 'recover', locked], {
      accept: [0, 1, 3],
    });
    expect([status, stderr]).toEqual([3, expect.stringContaining('Denied')]);
    rmSync(locked, { recursive: true });
  });

  test('what cannot be read is named with its reason, and all else is there', async () => {
    const folder = freshFolder();
    const image = join(folder, 'broken.img');
    run('cp', ['--sparse=always', laptop.images[0]!, image]);
    const fd = openSync(image, 'r+');
    for (const place of [0x1_0000, 0x400_0000])
      writeSync(fd, Buffer.alloc(512, 7), 0, 512, place + 0x80);
    closeSync(fd);
    run('cp', [join(stick.dir, 'btrbk/one.btrfs'), folder]);
    writeFileSync(join(folder, 'cut.btrfs'), 'btrfs-stream\0');
    const { status, stdout, stderr } = await state.run('recover', folder);
    expect([status, stderr]).toEqual([0, expect.stringContaining('dendro rescue')]);
    expect(stderr).toContain('stream');
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const archive = join(stick.dir, 'archive');
    const into = await state.run('recover', '--to', archive, archive, '1');
    expect([into.status, into.stderr]).toEqual([6, expect.stringContaining('onto-itself')]);
    run('mount', ['-t', 'tmpfs', '-o', 'size=100k', 'none', folder]);
    try {
      const full = await state.run('recover', '--to', folder, archive, '1');
      expect([full.status, full.stderr]).toEqual([7, expect.stringContaining('target-full')]);
      run('mount', ['-o', 'remount,ro', folder]);
      const readOnly = await state.run('recover', '--to', folder, archive, '1', 'names');
      expect([readOnly.status, readOnly.stderr]).toEqual([7, expect.stringContaining('read-only')]);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      run('umount', [folder]);
    }
    const nothing = await state.run('recover', join(folder, 'not there'));
    expect([nothing.status, nothing.stderr]).toEqual([6, expect.stringContaining('not-found')]);
  });

  // They were listed, and could not be opened at all.
  test('a stream that is cut short or spoilt is opened as far as it goes, the rest is named', async () => {
    const whole = readFileSync(join(stick.dir, 'btrbk/one.btrfs'));
    const folder = join(freshFolder(), 'streams');
    mkdirSync(folder);
    const spoilt = Buffer.from(whole);
    spoilt.writeUInt8(spoilt.readUInt8(whole.length >> 1) ^ 1, whole.length >> 1);
    const packed = run('zstd', ['-qc'], { input: whole }).stdout;
    const files: [string, Uint8Array][] = [
      ['cut.btrfs', whole.subarray(0, (whole.length * 2) / 3)],
      ['spoilt.btrfs', spoilt],
      ['packed.btrfs.zst', packed.subarray(0, packed.length >> 1)],
    ];
    for (const [name, bytes] of files) {
      writeFileSync(join(folder, name), bytes);
      const to = freshFolder();
      const done = await state.run('recover', '--to', to, join(folder, name), 'one');
      expect([name, done.status]).toEqual([name, 0]);
      expect(done.stderr).toContain('What comes before that is taken');
      const [made] = readdirSync(to);
      expect(made).toBe('one');
      // What is there is whole; what is not is said, or comes behind the cut.
      const found = differences(join(laptop.dir, 'one'), join(to, made!), {
        except: ['flags', 'mtime', 'links', 'mode', 'owner', 'xattrs'],
      });
      const wrong = found.filter((line) => !/missing|only in left|^\S*o\d+-\d+-\d+/.test(line));
      expect([name, wrong]).toEqual([name, []]);
      expect(run('find', [join(to, made!), '-type', 'f']).stdout.length).toBeGreaterThan(100);
      rmSync(join(folder, name));
      rmSync(to, { recursive: true });
    }
  });

  test('loose streams that age has encrypted open with a key, also one that is cut', async () => {
    const folder = join(freshFolder(), 'sealed');
    mkdirSync(folder);
    const { identity, recipient } = await makeIdentity();
    const keys = join(folder, 'keys.txt');
    writeFileSync(keys, `${identity}\n`);
    const whole = readFileSync(join(stick.dir, 'btrbk/one.btrfs'));
    const gz = run('gzip', ['-c'], { input: whole }).stdout;
    const seal = async (plain: Uint8Array): Promise<Buffer> => {
      const age = new Encrypter();
      age.addRecipient(recipient);
      return Buffer.from(await age.encrypt(plain));
    };
    const sealed = await seal(gz);
    const plain = await seal(whole);
    writeFileSync(join(folder, 'one.btrfs.gz.age'), sealed);
    const listed = await state.run('recover', folder);
    expect(listed.stdout).toContain('one.btrfs.gz.age');
    const to = freshFolder();
    const args = ['--to', to, folder, 'one.btrfs.gz.age'];
    const locked = await state.run('recover', ...args);
    expect([locked.status, locked.stderr]).toEqual([6, expect.stringContaining('is encrypted')]);
    const other = join(folder, 'other.txt');
    writeFileSync(other, `${(await makeIdentity()).identity}\n`);
    const wrong = await state.run('recover', '--identity', other, ...args);
    expect([wrong.status, wrong.stderr]).toEqual([6, expect.stringContaining('wrong-key')]);
    await state.ok('recover', '--identity', keys, ...args);
    const found = differences(join(laptop.dir, 'one'), join(to, 'one.btrfs.gz.age'), {
      ...except,
      except: ['flags'],
    });
    expect(found).toEqual([]);
    rmSync(join(folder, 'one.btrfs.gz.age'));
    writeFileSync(join(folder, 'cut.btrfs.age'), plain.subarray(0, plain.length >> 1));
    const cut = await state.run('recover', '--identity', keys, '--to', to, folder, '1');
    expect([cut.status, cut.stderr]).toEqual([0, expect.stringContaining('before that is taken')]);
    expect(readdirSync(join(to, 'cut.btrfs.age')).length).toBeGreaterThan(2);
    expect(readdirSync(to).filter((name) => name.startsWith('.dendro'))).toEqual([]);
  });

  test('a loose stream that age has sealed with a passphrase, by the stock tool', async () => {
    const folder = join(freshFolder(), 'sealed');
    mkdirSync(folder);
    const stream = join(stick.dir, 'btrbk/one.btrfs');
    const sealed = join(folder, 'one.btrfs.zst.age');
    const passphrase = join(folder, 'passphrase.txt');
    writeFileSync(passphrase, 'four score and seven\n');
    // It asks on a terminal only, twice: script(1) makes one.
    run('script', ['-qec', `zstd -qc '${stream}' | age -p -o '${sealed}'`, '/dev/null'], {
      input: 'four score and seven\n'.repeat(2),
    });
    const to = freshFolder();
    const args = ['--to', to, folder, 'one.btrfs.zst.age'];
    const locked = await state.run('recover', ...args);
    expect([locked.status, locked.stderr]).toEqual([6, expect.stringContaining('input-locked')]);
    const wrong = join(folder, 'wrong.txt');
    writeFileSync(wrong, 'five score\n');
    const refused = await state.run('recover', '--passphrase-file', wrong, ...args);
    expect([refused.status, refused.stderr]).toEqual([
      6,
      expect.stringContaining('wrong-passphrase'),
    ]);
    await state.ok('recover', '--passphrase-file', passphrase, ...args);
    const found = differences(join(laptop.dir, 'one'), join(to, 'one.btrfs.zst.age'), {
      ...except,
      except: ['flags'],
    });
    expect(found).toEqual([]);
    expect(readdirSync(to).filter((name) => name.startsWith('.dendro'))).toEqual([]);
  });

  // It said that there is no send stream in it.
  test('an image of something else says what it is, and what to do', async () => {
    const folder = freshFolder();
    const kinds: [string, string, string[], string][] = [
      ['ext4', 'mkfs.ext4', ['-q', '-F'], 'other-filesystem'],
      ['xfs', 'mkfs.xfs', ['-q', '-f'], 'other-filesystem'],
      ['ntfs', 'mkfs.ntfs', ['-q', '-F', '-Q'], 'other-filesystem'],
      ['exfat', 'mkfs.exfat', [], 'other-filesystem'],
      ['luks', 'cryptsetup', ['luksFormat', '-q', '--pbkdf-force-iterations=1000'], 'disk-locked'],
      ['gpt', 'sfdisk', ['-q', '--label', 'gpt'], 'partition-table'],
      ['mbr', 'sfdisk', ['-q', '--label', 'dos'], 'partition-table'],
    ];
    for (const [name, maker, args, code] of kinds) {
      if (!onPath(maker)) continue;
      const image = join(folder, `${name}.img`);
      writeFileSync(image, '');
      truncateSync(image, 400 << 20);
      const options = name === 'luks' ? [...args, '--pbkdf=pbkdf2'] : args;
      run(maker, [...options, image], {
        input: Buffer.from(name === 'luks' ? 'secret' : ',,\n'),
      });
      for (const [command, place] of [
        ['recover', image],
        ['volumes', `${image}:/`],
        ['ls', `${image}:/home`],
      ] as const) {
        const { status, stderr } = await state.run(command, place);
        expect([name, status, stderr]).toEqual([name, 5, expect.stringContaining(code)]);
      }
    }
  });
});
