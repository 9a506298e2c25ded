import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as fs from 'node:fs';
import { makeBtrfs, type BtrfsOptions, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { cloneRange, setXattr } from '../harness/syscalls.ts';
import type { BenchContext, BenchRow, PreparedRow } from './row.ts';

const MIB = 1024 * 1024;

interface Work {
  readonly name: string;
  readonly title: string;
  readonly goal?: number;
  readonly sizeMiB: number;
  /** What else the filesystem is made with. */
  readonly disk?: Pick<BtrfsOptions, 'devices' | 'mkfsArgs' | 'mountOptions'>;
  /** Options that both tools take. */
  readonly options?: readonly string[];
  /** Fills the first snapshot. */
  readonly fill: (dir: string, scale: number, random: Random) => void;
  /** Makes the second snapshot from it: then the difference is sent. */
  readonly change?: (dir: string, scale: number, random: Random) => void;
}

const works: readonly Work[] = [
  {
    name: 'small-files',
    title: 'full, 200,000 small files with inline data, xattrs, links',
    goal: 10,
    sizeMiB: 8192,
    fill: smallFiles,
  },
  {
    name: 'inodes',
    title: 'full, 1,000,000 small inodes',
    goal: 10,
    sizeMiB: 8192,
    fill: (dir, scale) => inodes(dir, 1_000_000 * scale),
  },
  {
    name: 'increment',
    title: '1 % of 200,000 small files changed, incremental',
    goal: 5,
    sizeMiB: 8192,
    fill: smallFiles,
    change: (dir, scale, random) => changeFiles(dir, 200_000 * scale, 2000 * scale, random),
  },
  {
    name: 'increment-no-data',
    title: 'the same, --no-data',
    goal: 5,
    sizeMiB: 8192,
    options: ['--no-data'],
    fill: smallFiles,
    change: (dir, scale, random) => changeFiles(dir, 200_000 * scale, 2000 * scale, random),
  },
  {
    name: 'ten-files',
    title: '10 files changed among 1,000,000',
    sizeMiB: 8192,
    fill: (dir, scale) => inodes(dir, 1_000_000 * scale),
    change: (dir, scale) => touchInodes(dir, 1_000_000 * scale, 10),
  },
  {
    name: 'large-files',
    title: '4 GiB of large files, uncompressed',
    goal: 1.5,
    sizeMiB: 8192,
    fill: (dir, scale, random) => {
      for (let i = 0; i < 4; i++) largeFile(join(dir, `file-${i}`), 1024 * scale, random);
    },
  },
  {
    name: 'overwrites',
    title: 'one 4 GiB file, 20,000 random overwrites',
    goal: 2.5,
    sizeMiB: 10_240,
    fill: (dir, scale, random) => largeFile(join(dir, 'file'), 4096 * scale, random),
    change: (dir, scale, random) => overwrite(join(dir, 'file'), scale, random),
  },
  {
    name: 'zstd-version-1',
    title: '4 GiB of zstd data, version 1 (decompressed)',
    goal: 1.5,
    sizeMiB: 8192,
    disk: { mountOptions: 'compress-force=zstd' },
    fill: (dir, scale, random) => textFile(join(dir, 'file'), 4096 * scale, random),
  },
  {
    name: 'zstd-version-2',
    title: '4 GiB of zstd data, version 2 (passed through)',
    goal: 1.5,
    sizeMiB: 8192,
    disk: { mountOptions: 'compress-force=zstd' },
    options: ['--proto', '2', '--compressed-data'],
    fill: (dir, scale, random) => textFile(join(dir, 'file'), 4096 * scale, random),
  },
  {
    name: 'deep-tree',
    title: '200,000 entries in one directory, deep tree, upper directories renamed',
    goal: 4,
    sizeMiB: 4096,
    fill: (dir, scale) => deepTree(dir, 200_000 * scale),
    change: (dir, scale) => renameAbove(dir, 200_000 * scale),
  },
  {
    name: 'reflinks',
    title: '2 GiB, half of the data reflinked (clones found)',
    goal: 1,
    sizeMiB: 4096,
    fill: (dir, scale, random) => {
      largeFile(join(dir, 'original'), 1024 * scale, random);
      reflink(join(dir, 'original'), join(dir, 'copy'));
    },
  },
  {
    name: 'history',
    title: 'one 512 MiB file, overwritten at 3,000 places before each of 20 snapshots, full',
    sizeMiB: 4096,
    fill: (dir, scale, random) => withHistory(join(dir, 'file'), scale, random),
  },
  {
    name: 'without-checksums',
    title: '4 GiB without checksums (nodatacow), beside them a sparse file of 20,000 pieces',
    sizeMiB: 10_240,
    disk: { mountOptions: 'nodatacow' },
    fill: (dir, scale, random) => {
      largeFile(join(dir, 'file'), 4096 * scale, random);
      fs.writeFileSync(join(dir, 'sparse'), '');
      fs.truncateSync(join(dir, 'sparse'), 4096 * scale * MIB);
      overwrite(join(dir, 'sparse'), scale, random);
    },
  },
  {
    name: 'striped',
    title: '4 GiB of large files on RAID5 of three devices',
    sizeMiB: 4096,
    disk: { devices: 3, mkfsArgs: ['-d', 'raid5', '-m', 'raid1'] },
    fill: (dir, scale, random) => largeFile(join(dir, 'file'), 4096 * scale, random),
  },
  {
    name: 'blake2b',
    title: '1 GiB of large files under the checksum blake2b',
    sizeMiB: 4096,
    disk: { mkfsArgs: ['--csum', 'blake2'] },
    fill: (dir, scale, random) => largeFile(join(dir, 'file'), 1024 * scale, random),
  },
];

export const rows: readonly BenchRow[] = works.map((work) => ({
  name: work.name,
  title: work.title,
  ...(work.goal !== undefined && { goal: work.goal }),
  prepare: (context) => prepare(work, context),
}));

function prepare(work: Work, { dendro, scale }: BenchContext): PreparedRow {
  const disk = makeBtrfs({ sizeMiB: work.sizeMiB, ...work.disk });
  try {
    const snapshots = fill(disk, work, scale);
    const [last, parent] = snapshots.toReversed();
    const args = [...(work.options ?? []), ...(parent === undefined ? [] : ['-p', parent]), last!];
    return {
      ours: { stages: [[dendro, 'send', '-q', ...args]] },
      theirs: { stages: [['btrfs', '-q', 'send', ...args]] },
      close: () => disk.close(),
    };
  } catch (error) {
    disk.close();
    throw error;
  }
}

function fill(disk: TestBtrfs, work: Work, scale: number): string[] {
  const random = new Random(1);
  const top = join(disk.dir, 'work');
  run('btrfs', ['-q', 'subvolume', 'create', top]);
  const snapshots: string[] = [];
  for (const step of [work.fill, work.change]) {
    if (step === undefined) continue;
    step(top, scale, random);
    const snapshot = join(disk.dir, `snapshot-${snapshots.length}`);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', top, snapshot]);
    snapshots.push(snapshot);
  }
  // What was just written does not lie in the page cache any more than anything else.
  disk.remount();
  return snapshots;
}

const nameOf = (i: number): string => `${i % 97}/${i % 1013}/file-${i}`;

/** Most inline, some in extents, each tenth with an attribute, each twentieth with a second name. */
function smallFiles(top: string, scale: number, random: Random): void {
  const pool = random.bytes(64 * 1024);
  const sizes = [100, 500, 1500, 1900, 3000, 12_000];
  for (let i = 0; i < 200_000 * scale; i++) {
    const path = join(top, nameOf(i));
    fs.mkdirSync(join(path, '..'), { recursive: true });
    const from = random.between(0, 32 * 1024);
    fs.writeFileSync(path, pool.subarray(from, from + random.pick(sizes)));
    if (i % 10 === 0) setXattr(path, 'user.note', pool.subarray(from, from + 40));
    if (i % 20 === 0) fs.linkSync(path, `${path}.link`);
  }
}

function inodes(top: string, count: number): void {
  for (let i = 0; i < count; i++) {
    if (i % 100 === 0)
      mkdirSync(join(top, `${Math.floor(i / 10_000)}/${Math.floor(i / 100)}`), { recursive: true });
    closeSync(openSync(join(top, inodeName(i)), 'w'));
  }
}

const inodeName = (i: number): string =>
  `${Math.floor(i / 10_000)}/${Math.floor(i / 100)}/file-${i}`;

function touchInodes(top: string, count: number, changes: number): void {
  for (let i = 0; i < changes; i++) {
    fs.writeFileSync(join(top, inodeName(Math.floor(((i + 0.5) * count) / changes))), 'changed');
  }
}

function changeFiles(top: string, count: number, changes: number, random: Random): void {
  for (let i = 0; i < changes; i++) {
    const path = join(top, nameOf(random.between(0, count)));
    fs.writeFileSync(path, random.bytes(random.between(100, 4000)));
    if (i % 10 === 0) fs.renameSync(path, `${path}.renamed-${i}`);
  }
}

function largeFile(path: string, sizeMiB: number, random: Random): void {
  const fd = openSync(path, 'wx');
  const block = random.bytes(MIB);
  for (let i = 0; i < sizeMiB; i++) {
    block.writeUInt32LE(i, random.between(0, MIB - 4));
    writeSync(fd, block);
  }
  closeSync(fd);
}

function textFile(path: string, sizeMiB: number, random: Random): void {
  const fd = openSync(path, 'wx');
  for (let i = 0; i < sizeMiB; i += 4) {
    const words = Array.from({ length: 2000 }, () => random.between(0, 2 ** 32).toString(36));
    const text = Array.from({ length: 4096 }, () => random.pick(words)).join(' ');
    writeSync(fd, Buffer.from(text.repeat(Math.ceil((4 * MIB) / text.length)).slice(0, 4 * MIB)));
  }
  closeSync(fd);
}

function overwrite(path: string, scale: number, random: Random): void {
  const fd = openSync(path, 'r+');
  const size = fs.fstatSync(fd).size;
  const block = random.bytes(16 * 1024);
  for (let i = 0; i < 20_000 * scale; i++) {
    writeSync(fd, block, 0, block.length, 4096 * random.between(0, size / 4096 - 4));
  }
  closeSync(fd);
}

/** As an image of a disk or a database with snapshots by the hour. */
function withHistory(path: string, scale: number, random: Random): void {
  largeFile(path, 512 * scale, random);
  const fd = openSync(path, 'r+');
  const block = random.bytes(4096);
  const blocks = fs.fstatSync(fd).size / block.length;
  for (let state = 0; state < 20; state++) {
    for (let i = 0; i < 3000 * scale; i++) {
      writeSync(fd, block, 0, block.length, block.length * random.between(0, blocks));
    }
    fs.fsyncSync(fd);
    const work = join(path, '..');
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', work, `${work}-state-${state}`]);
  }
  closeSync(fd);
}

const LEVELS = 40;

function deepTree(top: string, count: number): void {
  let dir = top;
  for (let i = 0; i < LEVELS; i++) dir = join(dir, `level-${i}`);
  mkdirSync(dir, { recursive: true });
  for (let i = 0; i < count; i++) closeSync(openSync(join(dir, `entry-${i}`), 'w'));
}

/** The upper half of the levels gets other names, and each twentieth entry at the bottom, too. */
function renameAbove(top: string, count: number): void {
  let dir = top;
  for (let i = 0; i < LEVELS; i++) {
    if (i < LEVELS / 2) fs.renameSync(join(dir, `level-${i}`), join(dir, `renamed-${i}`));
    dir = join(dir, i < LEVELS / 2 ? `renamed-${i}` : `level-${i}`);
  }
  for (let i = 0; i < count; i += 20) fs.chmodSync(join(dir, `entry-${i}`), 0o600);
  for (let i = 10; i < count; i += 20)
    fs.renameSync(join(dir, `entry-${i}`), join(dir, `new-${i}`));
}

function reflink(from: string, to: string): void {
  const source = openSync(from, 'r');
  const target = openSync(to, 'wx');
  fs.fsyncSync(source);
  cloneRange(source, 0, 0, target, 0);
  closeSync(source);
  closeSync(target);
}
