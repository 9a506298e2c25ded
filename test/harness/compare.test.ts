import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { compareTrees, showDifferences, type CompareOptions } from './compare.ts';
import { describeKernel } from './kernel.ts';
import { makeBtrfs, sleepMs, type TestBtrfs } from './loop.ts';
import { run } from './run.ts';
import * as sys from './syscalls.ts';

/** Each way in which one file, `f`, can be unlike its copy, and what must be said about it. */
const planted: readonly [name: string, plant: (f: string) => void, said: readonly string[]][] = [
  ['a changed byte', (f) => patch(f, 5000), ['content']],
  ['a byte more', (f) => fs.appendFileSync(f, 'x'), ['size', 'holes', 'content']],
  ['a hole', (f) => withFd(f, (fd) => sys.fallocate(fd, 3, 8192, 4096)), ['holes', 'content']],
  ['mode', (f) => fs.chmodSync(f, 0o4755), ['mode']],
  ['owner', (f) => fs.chownSync(f, 1, 0), ['owner']],
  ['group', (f) => fs.chownSync(f, 0, 1), ['owner']],
  ['an xattr', (f) => sys.setXattr(f, 'user.more', Buffer.of(1)), ['xattrs']],
  ['an empty xattr', (f) => sys.setXattr(f, 'user.more', Buffer.alloc(0)), ['xattrs']],
  ['the value of an xattr', (f) => sys.setXattr(f, 'user.name', Buffer.of(9)), ['xattrs']],
  ['an xattr less', (f) => sys.removeXattr(f, 'user.name'), ['xattrs']],
  ['an inode flag', (f) => withFd(f, (fd) => sys.setFileFlags(fd, 0x40)), ['flags']],
  ['a link more', (f) => fs.linkSync(f, `${f}2`), ['links', 'extra']],
  ['a nanosecond', (f) => sys.setTimes(f, 7n, 1_000_000_001n), ['mtime']],
  ['another type', (f) => (fs.unlinkSync(f), fs.mkdirSync(f)), ['kind']],
  ['nothing there', (f) => fs.unlinkSync(f), ['missing']],
];

describeKernel('compareTrees', () => {
  let volume: TestBtrfs;
  let left: string;
  let right: string;
  beforeAll(() => {
    volume = makeBtrfs();
  });
  afterAll(() => volume.close());
  beforeEach(() => {
    for (const name of ['left', 'right']) {
      const top = join(volume.dir, name);
      fs.rmSync(top, { recursive: true, force: true });
      makeTop(top);
    }
    [left, right] = [join(volume.dir, 'left'), join(volume.dir, 'right')];
  });
  const aspects = (options?: CompareOptions) =>
    compareTrees(left, right, { ignore: () => false, ...options }).map((found) => found.aspect);

  test('finds nothing between two trees made alike', () => {
    expect(showDifferences(compareTrees(left, right))).toEqual([]);
  });

  test.each(planted)('finds %s', (_, plant, said) => {
    plant(join(right, 'f'));
    sys.setTimes(right, 0n, 0n);
    if (said[0] !== 'mtime' && fs.existsSync(join(right, 'f'))) {
      sys.setTimes(join(right, 'f'), 7n, 1_000_000_000n);
    }
    expect(aspects()).toEqual(said);
  });

  test('finds the time of access, of change and of birth when asked', () => {
    // Made in one tick of the kernel's clock, both would be born at one moment.
    sleepMs(20);
    replace(join(right, 'f'), (at) => fs.writeFileSync(at, ''));
    sys.setTimes(join(right, 'f'), 8n, 1_000_000_000n);
    expect(aspects({ also: ['atime'] })).toContain('atime');
    expect(aspects({ also: ['ctime', 'otime'] })).toEqual(
      expect.arrayContaining(['ctime', 'otime']),
    );
  });

  test('finds another target, another device number, another link structure', () => {
    replace(join(right, 'link'), (at) => fs.symlinkSync('elsewhere', at));
    replace(join(right, 'device'), (at) => sys.mknod(at, 0o20600, sys.makeDevice(1, 5)));
    replace(join(right, 'pair-2'), (at) => fs.copyFileSync(join(right, 'pair-1'), at));
    const found = showDifferences(compareTrees(left, right, { except: ['mtime'] }));
    expect(found).toEqual([
      expect.stringMatching(/^\/device: rdev: /),
      expect.stringMatching(/^\/link: target: /),
      expect.stringMatching(/^\/pair-1: links: 2 of 2 as pair-1 \| 1 of 1 as pair-1$/),
      expect.stringMatching(/^\/pair-2: links: 2 of 2 as pair-1 \| 1 of 1 as pair-2$/),
    ]);
  });

  test('tells names apart that differ only in bytes that are no text', () => {
    for (const [top, byte] of [
      [left, 0xfe],
      [right, 0xff],
    ] as const) {
      fs.writeFileSync(sys.joinPath(top, Buffer.of(byte)), '');
      sys.setTimes(top, 0n, 0n);
    }
    expect(showDifferences(compareTrees(left, right))).toEqual([
      '/\\xfe: missing: file | ',
      '/\\xff: extra:  | file',
    ]);
  });

  test('leaves out what it is told to', () => {
    fs.writeFileSync(join(right, 'lost'), '');
    sys.setTimes(right, 0n, 0n);
    expect(aspects({ ignore: (path) => path === 'lost' })).toEqual([]);
  });

  test('leaves out the empty stand-in that a snapshot has for a subvolume', () => {
    const snapshot = join(volume.dir, 'snapshot');
    run('btrfs', ['subvolume', 'create', join(left, 'inner')]);
    sys.setTimes(left, 0n, 0n);
    run('btrfs', ['subvolume', 'snapshot', '-r', volume.dir, snapshot]);
    expect(fs.existsSync(join(snapshot, 'left', 'inner'))).toBe(true);
    expect(showDifferences(compareTrees(join(snapshot, 'left'), right))).toEqual([]);
    run('btrfs', ['subvolume', 'delete', snapshot]);
  });

  test('stops at the limit', () => {
    for (const name of ['a', 'b', 'c']) fs.writeFileSync(join(right, name), '');
    expect(aspects({ limit: 2, except: ['mtime'] })).toEqual(['extra', 'extra']);
  });
});

function makeTop(top: string): void {
  fs.mkdirSync(top);
  const f = join(top, 'f');
  fs.writeFileSync(f, Buffer.alloc(20_000, 'dendro'));
  sys.setXattr(f, 'user.name', Buffer.of(1, 2, 3));
  fs.symlinkSync('target', join(top, 'link'));
  sys.mknod(join(top, 'device'), 0o20600, sys.makeDevice(1, 3));
  fs.writeFileSync(join(top, 'pair-1'), 'two');
  fs.linkSync(join(top, 'pair-1'), join(top, 'pair-2'));
  run('sync', ['-f', top]);
  for (const name of ['f', 'link', 'device', 'pair-1']) {
    sys.setTimes(join(top, name), 7n, 1_000_000_000n);
  }
  sys.setTimes(top, 0n, 0n);
}

function patch(path: string, offset: number): void {
  withFd(path, (fd) => fs.writeSync(fd, 'X', offset));
}

function withFd(path: string, body: (fd: number) => void): void {
  const fd = fs.openSync(path, 'r+');
  body(fd);
  fs.closeSync(fd);
}

function replace(path: string, make: (path: string) => void): void {
  fs.unlinkSync(path);
  make(path);
}
