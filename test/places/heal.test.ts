import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HealFile, HealOutcome } from '../../shared/model/heal.ts';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { State } from '../restore/support.ts';

const BLOCK = 4096;

let laptop: TestBtrfs;
let drive: TestBtrfs;
let state: State;
let home: string;

/** Noise, with a mark at the beginning of each block, by which it is found on the disk. */
function marked(name: string, blocks: number, tail = 0): Buffer {
  const bytes = Buffer.from(new Random(blocks).bytes(blocks * BLOCK + tail));
  for (let i = 0; i * BLOCK < bytes.length; i += 1) bytes.write(markOf(name, i), i * BLOCK);
  return bytes;
}

function markOf(name: string, block: number): string {
  return `<<${name} block ${block}>>`;
}

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  state = new State();
  laptop = makeBtrfs({ sizeMiB: 128, mkfsArgs: ['-d', 'single', '-m', 'dup'] });
  drive = makeBtrfs({ sizeMiB: 160 });
  home = join(laptop.dir, 'home');
  run('btrfs', ['subvolume', 'create', home]);
  mkdirSync(join(home, 'docs'));
  writeFileSync(join(home, 'docs/plain'), marked('plain', 40, 100));
  writeFileSync(join(home, 'docs/older'), marked('older', 20));
  writeFileSync(join(home, 'packed'), '');
  run('btrfs', ['property', 'set', join(home, 'packed'), 'compression', 'lzo']);
  // Compresses well, and the mark stands in it as it is.
  writeFileSync(join(home, 'packed'), `${markOf('packed', 0)}${'a'.repeat(300_000)}`);
  linkSync(join(home, 'docs/plain'), join(home, 'a link'));
  run('setfattr', ['-n', 'user.note', '-v', 'kept', join(home, 'docs/plain')]);
  chmodSync(join(home, 'docs/plain'), 0o640);
  snapshot('one');
  const sent = dendro(['send', '-q', '--proto', '2', join(laptop.dir, 'one')]).stdout;
  mkdirSync(join(drive.dir, 'plain'));
  for (const target of [[drive.dir], ['--plain', join(drive.dir, 'plain')]]) {
    expect(dendro(['receive', '-q', ...target], { input: sent }).status).toBe(0);
  }
  await state.ok('archive export', join(drive.dir, 'archive'), join(laptop.dir, 'one'));
  drive.sync();
});
afterAll(() => {
  laptop?.unmount();
  if (laptop !== undefined) run('btrfs', ['check', laptop.device]);
  laptop?.close();
  drive?.close();
  state?.close();
});

function snapshot(name: string): void {
  run('btrfs', ['subvolume', 'snapshot', '-r', home, join(laptop.dir, name)]);
}

/** Spoils what the disk holds at these marks; the filesystem is mounted anew, without its cache. */
function spoil(...marks: string[]): void {
  laptop.unmount();
  const image = readFileSync(laptop.images[0]!);
  const fd = openSync(laptop.images[0]!, 'r+');
  for (const mark of marks) {
    const at = image.indexOf(mark);
    expect([mark, at > 0, image.indexOf(mark, at + 1)]).toEqual([mark, true, -1]);
    writeSync(fd, 'SPOILT', at + 2);
  }
  closeSync(fd);
  laptop.mount();
}

interface Answer {
  readonly files: HealFile[];
  readonly outcome: HealOutcome['files'] | null;
}

async function heal(...args: string[]): Promise<{ status: number; answer: Answer }> {
  const { status, stdout, stderr } = await state.run('heal', '--json', ...args);
  expect(stderr).toBe('');
  return { status, answer: JSON.parse(stdout) as Answer };
}

/** By the kernel, off the disk. */
function hashOnDisk(path: string): string {
  laptop.remount();
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

const looked = (path: string): Partial<BigIntStats> => {
  const { ino, mode, uid, gid, nlink, size, mtimeNs } = statSync(path, { bigint: true });
  return { ino, mode, uid, gid, nlink, size, mtimeNs };
};

describeKernel('heal', () => {
  for (const kind of ['folder', 'archive'] as const) {
    test(`lists files that fail their checksum, and heals them out of a copy: ${kind}`, async () => {
      const from = {
        folder: join(drive.dir, 'plain/one'),
        archive: join(drive.dir, 'archive'),
      }[kind];
      const names = ['docs/plain', 'packed'];
      const paths = names.map((name) => join(home, name));
      const before = paths.map((path) => [hashOnDisk(path), looked(path)]);
      spoil(markOf('plain', 3), markOf('plain', 4), markOf('plain', 40), markOf('packed', 0));
      for (const path of paths) expect(() => readFileSync(path)).toThrow('EIO');

      const look = await heal('--dry-run', '--from', from, home);
      expect(look.status).toBe(1);
      expect(look.answer.files.map(({ path, isHealable }) => [path, isHealable])).toEqual([
        ['a link', true],
        ['packed', true],
      ]);
      const [plain, packed] = look.answer.files;
      expect(plain).toMatchObject({ otherPaths: ['docs/plain'], lostBytes: 2 * BLOCK + 100 });
      expect(plain!.lost.map(({ offset, lengthBytes }) => [offset, lengthBytes])).toEqual([
        [3 * BLOCK, 2 * BLOCK],
        [40 * BLOCK, 100],
      ]);
      expect(plain!.copies[0]).toMatchObject({ proof: 'checksum', goodBytes: 2 * BLOCK + 100 });
      expect(packed!.copies[0]!.proof).toBe('same-file');
      for (const path of paths) expect(() => readFileSync(path)).toThrow('EIO');

      const { status, answer } = await heal('--from', from, home);
      expect(answer.outcome!.map(({ path, state }) => [path, state])).toEqual([
        ['a link', 'healed'],
        ['packed', 'healed'],
      ]);
      expect(status).toBe(0);
      expect(paths.map((path) => [hashOnDisk(path), looked(path)])).toEqual(before);
      expect(run('getfattr', ['-n', 'user.note', paths[0]!]).stdout.toString()).toContain('kept');
      expect((await heal(home)).answer).toMatchObject({ files: [], outcome: null });
    });
  }

  test('takes single blocks out of an older version, and never what does not fit', async () => {
    const path = join(home, 'docs/older');
    const fd = openSync(path, 'r+');
    writeSync(fd, Buffer.from('written since'), 0, 13, 10 * BLOCK + 50);
    closeSync(fd);
    appendFileSync(path, 'and longer');
    laptop.sync();
    const hash = hashOnDisk(path);
    // Block 10 is in no other place as it is here.
    spoil(markOf('older', 2));
    const only = await heal('--from', `${drive.images[0]!}:/one`, home);
    expect(only.answer.outcome).toMatchObject([{ state: 'healed', healedBytes: BLOCK }]);
    expect(hashOnDisk(path)).toBe(hash);

    spoil('written since');
    const { status, answer } = await heal('--from', `${drive.images[0]!}:/one`, home);
    expect([status, answer.outcome]).toEqual([1, null]);
    expect(answer.files).toMatchObject([{ path: 'docs/older', isHealable: false }]);
  });

  test('knows the points of a source by itself, and leaves read-only snapshots alone', async () => {
    spoil(markOf('plain', 7));
    const { answer } = await heal('--dry-run', home);
    const good = answer.files[0]!.copies.filter(({ goodBytes }) => goodBytes > 0);
    // The snapshot beside it shares the bad block; the copies on the drive do not.
    expect(good.map(({ place }) => place.kind).sort()).toEqual(['archive', 'snapshot']);
    expect(answer.files[0]!.copies).toHaveLength(3);
    const { status, stderr } = await state.run('heal', join(laptop.dir, 'one'));
    expect([status, stderr]).toEqual([6, expect.stringContaining('read-only-source')]);
    expect((await heal(home)).answer.outcome).toMatchObject([{ state: 'healed' }]);
  });
});
