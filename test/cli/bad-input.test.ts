import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { btrfs, dendro, ENTRY } from './dendro.ts';

const NOBODY = 65_534;
/** A file of the tree. */
const FIRST = 'more';
const SUPERBLOCK = 0x1_0000;
let source: TestBtrfs;
let target: TestBtrfs;
let work: string;
let image: string;
const at = (name: string): string => join(source.dir, name);
const file = (name: string): string => join(work, name);

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  source = makeBtrfs({ sizeMiB: 200, mkfsArgs: ['-m', 'dup'] });
  target = makeBtrfs({ sizeMiB: 200 });
  work = mkdtempSync(join(tmpdir(), 'dendro-bad-input-'));
  run('btrfs', ['subvolume', 'create', at('home')]);
  fillTree(at('home'), { seed: 5, files: 40 });
  run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('one')]);
  writeFileSync(at('home/more'), 'x'.repeat(100_000));
  run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('two')]);
  btrfs(['send', '-q', '-f', file('full'), at('one')]);
  btrfs(['send', '-q', '-p', at('one'), '-f', file('increment'), at('two')]);
  source.sync();
  image = file('copy.img');
  run('cp', ['--sparse=always', source.images[0]!, image]);
});
afterAll(() => {
  source?.close();
  target?.close();
  if (work) rmSync(work, { recursive: true });
});

/** What the error says, by its own last line: `(Kind, code)`. */
function failure(args: readonly string[]): [status: number, told: string] {
  const { status, stderr } = dendro(args);
  return [status, /\((\w+, [\w-]+)\)\n?$/.exec(stderr)?.[1] ?? stderr];
}

/** A copy of the image with bytes at some places replaced. */
function damaged(name: string, places: readonly number[], length = 4096): string {
  const path = file(name);
  run('cp', ['--sparse=always', image, path]);
  const fd = openSync(path, 'r+');
  for (const place of places) writeSync(fd, Buffer.alloc(length, 0xa5), 0, length, place);
  closeSync(fd);
  return path;
}

/** Physical places of every copy of a logical address. */
function physicalOf(logical: number): number[] {
  const chunks = runText('btrfs', ['inspect-internal', 'dump-tree', '-t', 'chunk', image]);
  const pattern = /FIRST_CHUNK_TREE CHUNK_ITEM (\d+)\)[\s\S]*?length (\d+)[\s\S]*?(?=\n\titem|$)/g;
  for (const [text, start, length] of chunks.matchAll(pattern)) {
    const offset = logical - Number(start);
    if (offset < 0 || offset >= Number(length)) continue;
    return [...text!.matchAll(/devid \d+ offset (\d+)/g)].map((m) => Number(m[1]) + offset);
  }
  throw new Error(`no chunk holds ${logical}`);
}

/** The tree block at the top of a subvolume's tree. */
function rootOf(name: string): number {
  const list = runText('btrfs', ['subvolume', 'list', source.dir]);
  const id = new RegExp(`ID (\\d+) .* path ${name}$`, 'm').exec(list)![1]!;
  const roots = runText('btrfs', ['inspect-internal', 'dump-tree', '-r', image]);
  return Number(new RegExp(`\\b${id}\\b.*?\\b(\\d{6,})\\b`).exec(roots)![1]);
}

/** All that the target shows; what is not complete is kept in a private folder. */
const held = (): string[] =>
  runText('find', [target.dir, '-mindepth', '1', '-printf', '%P %s %T@\\0'])
    .split('\0')
    .filter((line) => line !== '' && !line.startsWith('.dendro-receive'));

describeKernel('bad input is named, with what to do', () => {
  it('not a btrfs device', () => {
    writeFileSync(file('other.img'), Buffer.alloc(1 << 20));
    expect(failure(['snapshots', `${file('other.img')}:/`])).toEqual([2, 'Usage, not-btrfs']);
    expect(failure(['send', `${file('other.img')}:/one`])).toEqual([1, 'Usage, not-btrfs']);
    writeFileSync(file('tiny.img'), 'x');
    expect(failure(['ls', `${file('tiny.img')}:/`])[1]).toBe('Usage, not-btrfs');
  });

  it('a device that does not exist', () => {
    expect(failure(['ls', '/dev/nothing:/'])).toEqual([6, 'Conflict, not-found']);
  });

  it('a damaged superblock: the other copy is read; without one it is said', () => {
    const one = damaged('super.img', [SUPERBLOCK]);
    expect(dendro(['ls', `${one}:/`]).status).toBe(0);
    const both = damaged('supers.img', [SUPERBLOCK + 64, 0x400_0000 + 64]);
    expect(failure(['ls', `${both}:/`])[0]).toBeGreaterThan(0);
    const flipped = damaged('flipped.img', [SUPERBLOCK + 128, 0x400_0000 + 128], 8);
    expect(failure(['ls', `${flipped}:/`])).toEqual([4, 'Corrupt, superblock-damaged']);
  });

  it('a damaged tree block: the other copy is read; without one it is said where', () => {
    const places = physicalOf(rootOf('one'));
    expect(places).toHaveLength(2);
    const healed = damaged('block.img', places.slice(0, 1));
    expect(dendro(['send', '-q', `${healed}:/one`]).stdout).toEqual(
      dendro(['send', '-q', `${image}:/one`]).stdout,
    );
    const lost = damaged('blocks.img', places);
    const [status, told] = failure(['ls', `${lost}:/one`]);
    expect(status).toBe(4);
    expect(told).toMatch(/names may be missing: .*block at \d{6,} is bad in all 2 copies/);
    expect(told).toContain('dendro rescue');
    expect(failure(['send', `${lost}:/one`])[0]).toBe(1);
    // The others are still read.
    expect(dendro(['ls', `${lost}:/two`]).status).toBe(0);
  });

  it('a device that ends before its filesystem does', () => {
    const path = file('cut.img');
    run('cp', ['--sparse=always', image, path]);
    truncateSync(path, 40 * 1024 * 1024);
    const [status, told] = failure(['send', '-f', '/dev/null', `${path}:/one`]);
    expect(status).toBe(1);
    expect(told).toMatch(/^(Io|Corrupt), /);
  });

  it('no permission', () => {
    const asNobody = (args: string[]) =>
      run(
        'setpriv',
        [
          `--reuid=${NOBODY}`,
          `--regid=${NOBODY}`,
          '--clear-groups',
          process.execPath,
          ENTRY,
          ...args,
        ],
        {
          accept: [0, 1, 2, 3, 4, 5, 6, 7],
          cwd: '/',
        },
      );
    // Only where this checkout can be read by others.
    if (
      run('setpriv', [`--reuid=${NOBODY}`, '--clear-groups', 'test', '-r', ENTRY], {
        accept: [0, 1],
      }).status !== 0
    )
      return;
    const { status, stderr } = asNobody(['ls', `${source.devices[0]!}:/`]);
    expect(stderr).toContain('(Denied, ');
    expect(status).toBe(3);
  });

  it('a target that is not btrfs', () => {
    expect(failure(['receive', '-f', file('full'), '/proc'])).toEqual([
      1,
      'Unsupported, target-not-btrfs',
    ]);
  });
});

describeKernel('a stream that is wrong leaves the target as it was', () => {
  it.each<[string, () => [Uint8Array, string]]>([
    [
      'cut short',
      () => [readFileSync(file('full')).subarray(0, 5_000), 'Corrupt, stream-cut-short'],
    ],
    [
      'cut in a header',
      () => [readFileSync(file('full')).subarray(0, 20), 'Corrupt, stream-cut-short'],
    ],
    ['with a flipped bit', () => [flipped(2_000), 'Corrupt, stream-checksum']],
    ['that is none', () => [Buffer.alloc(100, 'x'), 'Corrupt, not-a-stream']],
    ['that is empty', () => [Buffer.alloc(0), 'Corrupt, stream-empty']],
    [
      'whose parent is missing',
      () => [readFileSync(file('increment')), 'Conflict, parent-missing'],
    ],
  ])('a stream %s', (_, make) => {
    const before = held();
    const [input, expected] = make();
    writeFileSync(file('wrong'), input);
    expect(failure(['receive', '-f', file('wrong'), target.dir])).toEqual([1, expected]);
    expect(held()).toEqual(before);
  });

  it('a target that is full says so, and takes the same stream when there is room', () => {
    const filler = join(target.dir, 'filler');
    run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M', 'oflag=direct'], { accept: [1] });
    target.sync();
    const large = file('large');
    writeFileSync(at('home/large'), Buffer.alloc(60 << 20, 'large'));
    run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('three')]);
    btrfs(['send', '-q', '-f', large, at('three')]);
    expect(failure(['receive', '-f', large, target.dir])).toEqual([1, 'Io, target-full']);
    rmSync(filler);
    target.sync();
    expect(dendro(['receive', '-q', '-f', large, target.dir])).toMatchObject({ status: 0 });
  });

  it('a reader that goes away ends the send', () => {
    const script = `set -o pipefail; '${process.execPath}' '${ENTRY}' send '${at('two')}' | head -c 10 >/dev/null`;
    const { status, stderr } = run('bash', ['-c', script], { accept: [1] });
    expect(status).toBe(1);
    expect(stderr).toContain('(Io, output-closed)');
  });

  it('says where a target is missing, and what to do, whichever way it is sent', () => {
    const gone = file('gone/below');
    const told =
      /There is no folder "[^"]+gone\/below"\.\n.*\n?.*Make it first, or mount the drive/;
    for (const words of [
      ['send', '--to', gone, at('one')],
      ['receive', '-f', file('full'), gone],
      ['receive', '--plain', '-f', file('full'), gone],
    ])
      expect(dendro(words)).toMatchObject({
        ...{ status: 1, stderr: expect.stringMatching(told) as string },
      });
  });

  it('tells an undo of what never was from one of what is undone already', () => {
    const env = { DENDRO_STATE: file('undo-state'), DENDRO_SOCKET: file('nobody.sock') };
    const asked = (...words: string[]) => dendro(words, { env });
    const found = file('found-undo');
    const { stdout } = asked('restore', join(at('two'), FIRST), found);
    const runId = /--undo (\S+)/.exec(stdout.toString())![1]!;
    expect(asked('restore', '--undo', 'nothing').stderr).toContain(
      'There is no run nothing in the history.',
    );
    // As `dendro history` shows it.
    expect(asked('restore', '--undo', runId.slice(0, 8)).status).toBe(0);
    expect(asked('restore', '--undo', runId.slice(0, 8)).stderr).toContain('nothing-to-undo');
    const unknown = asked('history', 'nothing');
    expect([unknown.status, unknown.stderr]).toEqual([
      1,
      'There is no run nothing in the history.\n',
    ]);
  });

  it('says in words that a list is empty', () => {
    const env = { DENDRO_STATE: file('empty-state'), DENDRO_SOCKET: file('nobody.sock') };
    for (const [words, told] of [
      [['history'], 'Nothing has run yet.'],
      [['plan', 'list'], 'There is no plan yet. See: dendro plan add --help'],
      [['tag'], 'No restore point has a mark.'],
      [['pins'], 'Nothing is held for a drive.'],
      [['leftovers', source.dir], 'No receive was interrupted here.'],
    ] as const)
      expect(dendro([...words], { env }).stdout.toString()).toBe(`${told}\n`);
  });

  it('says of likely mistakes what they are, and what to do', () => {
    const env = { DENDRO_STATE: file('mistakes-state'), DENDRO_SOCKET: file('nobody.sock') };
    writeFileSync(file('no-folder'), '');
    const mistakes: readonly [words: string[], told: RegExp][] = [
      [['send', at('home')], /is not read-only\n.*dendro snapshots create .* or .*--snapshot/],
      // They said EXDEV and ENOTTY, and that a path leads out of a folder.
      [
        ['snapshots', 'create', at('home'), join(target.dir, 'x')],
        /is not on the filesystem of .*\n.*same filesystem/,
      ],
      [
        ['snapshots', 'create', at('home'), '/dev/shm/none/x'],
        /is not on the filesystem of .*\n.*same filesystem/,
      ],
      [['leftovers', file('nowhere')], /There is no folder ".*nowhere"\.\n.*mount the drive/],
      // All of it was read, and nothing was damaged.
      [['heal', at('home'), 'no such file'], /no such file" does not exist/],
      [['snapshots', 'create', at('home')], /new path\.\n.*dendro snapshots --help/],
      [
        ['send', '--to', 'nas:/backups', at('one')],
        /not a folder on another machine\.\n.*ssh:\/\/HOST/,
      ],
      [['receive', '-f', file('full'), file('no-folder')], /is not a folder/],
      [['cat', `${image}:/none`], /There is no "none" there\.\n.*dendro ls/],
      // It said that "" is not a file, and nothing of what it is.
      [['cat', at('one')], /^ERROR: "\/" is not a file\.\n.*dendro ls/],
      [['rescue', work], /neither a block device nor an image file\.\n.*lsblk/],
      [['settings', 'language', 'xx'], /"xx" is no value for language\.\n.*de, en, system/],
      [['chain', 'none'], /^There is no source "none" that has restore points\.\n/],
    ];
    for (const [words, told] of mistakes) expect(dendro(words, { env }).stderr).toMatch(told);
  });

  it('does not say to who may not look that there is nothing', () => {
    const env = ['env', `DENDRO_STATE=/tmp/dendro-nobody-${process.pid}`, 'DENDRO_SOCKET=/nobody'];
    const asNobody = ['--reuid', String(NOBODY), '--clear-groups', ...env];
    const { stdout } = run('setpriv', [...asNobody, process.execPath, ENTRY, 'status'], {
      accept: [0, 1],
    });
    rmSync(`/tmp/dendro-nobody-${process.pid}`, { recursive: true, force: true });
    expect(stdout.toString()).toMatch(
      /^No subvolume can be looked into without the rights of root/,
    );
  });
});

function flipped(offset: number): Uint8Array {
  const bytes = Uint8Array.from(readFileSync(file('full')));
  bytes[offset]! ^= 0x10;
  return bytes;
}
