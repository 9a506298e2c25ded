/** Rows of `npm run bench -- receive`: the kernel's streams into Dendro beside `btrfs receive`. */
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from '../harness/pipeline.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { setXattr } from '../harness/syscalls.ts';
import type { BenchContext, BenchRow, PreparedRow } from './row.ts';

const MIB = 1024 * 1024;

interface Work {
  readonly name: string;
  readonly title: string;
  readonly goal: number;
  readonly mountOptions?: string;
  readonly sendOptions?: readonly string[];
  readonly fill: (dir: string, scale: number, random: Random) => void;
  /** Makes the second snapshot: then the difference is received. */
  readonly change?: (dir: string, scale: number, random: Random) => void;
  /** Both tools' own send piped into their own receive. */
  readonly isPiped?: boolean;
  readonly isDump?: boolean;
}

const works: readonly Work[] = [
  {
    name: 'small-files',
    title: "the kernel's full stream of 200,000 small files",
    goal: 1.3,
    fill: smallFiles,
  },
  {
    name: 'small-files-piped',
    title: '200,000 small files, send piped into receive',
    goal: 2,
    isPiped: true,
    fill: smallFiles,
  },
  {
    name: 'large-files',
    title: '4 GiB of large files',
    goal: 1,
    fill: (dir, scale, random) => largeFile(join(dir, 'file'), 4096 * scale, random),
  },
  {
    name: 'overwrites',
    title: '20,000 random overwrites in a 4 GiB file',
    goal: 1,
    fill: (dir, scale, random) => largeFile(join(dir, 'file'), 4096 * scale, random),
    change: overwrite,
  },
  {
    name: 'encoded',
    title: '4 GiB of zstd data passed through (version 2)',
    goal: 1,
    mountOptions: 'compress-force=zstd',
    sendOptions: ['--proto', '2', '--compressed-data'],
    fill: (dir, scale, random) => textFile(join(dir, 'file'), 4096 * scale, random),
  },
  {
    name: 'dump',
    title: '--dump of 4 GiB of large files',
    goal: 1,
    isDump: true,
    fill: (dir, scale, random) => largeFile(join(dir, 'file'), 4096 * scale, random),
  },
];

/**
 * The stock tool ends while what it wrote still waits in memory, Dendro when it is on the drive.
 * So each work is measured twice: as the tools are, and with sync(1) behind the stock one.
 */
export const rows: readonly BenchRow[] = works.flatMap((work) =>
  work.isDump === true ? [rowOf(work, false)] : [rowOf(work, false), rowOf(work, true)],
);

function rowOf(work: Work, isSynced: boolean): BenchRow {
  return {
    name: isSynced ? `${work.name}-synced` : work.name,
    title: isSynced ? `the same, until all of it is on the drive` : work.title,
    goal: work.goal,
    caches: ['warm'],
    prepare: (context) => prepare(work, isSynced, context),
  };
}

function prepare(work: Work, isSynced: boolean, { dendro, scale }: BenchContext): PreparedRow {
  const mountOptions = work.mountOptions === undefined ? {} : { mountOptions: work.mountOptions };
  const source = makeBtrfs({ sizeMiB: 12_288, ...mountOptions });
  const target = makeBtrfs({ sizeMiB: 12_288 });
  const close = (): void => {
    source.close();
    target.close();
  };
  try {
    const sent = makeSnapshots(work, source, target, scale);
    const stream = join(source.dir, '..', 'stream');
    const options = [...(work.sendOptions ?? []), ...sent];
    if (work.isPiped !== true) run('btrfs', ['-q', 'send', ...options, '-f', stream]);
    const receive = [work.isDump === true ? '--dump' : target.dir];
    const stages = (tool: string): Argv[] => {
      const from = work.isPiped === true ? [] : ['-f', stream];
      const receiving: Argv = [tool, 'receive', '-q', ...receive, ...from];
      const last = isSynced && tool !== dendro ? withSync(receiving, target.dir) : receiving;
      return work.isPiped === true ? [[tool, 'send', '-q', ...options], last] : [last];
    };
    const isQuiet = work.isDump !== true;
    return {
      ours: { stages: stages(dendro), isQuiet },
      theirs: { stages: stages('btrfs'), isQuiet },
      reset: () => removeReceived(target, work.change !== undefined),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function withSync(command: Argv, dir: string): Argv {
  return ['sh', '-c', '"$@" && exec sync -f "$0"', dir, ...command];
}

/** The words that name what is sent; a parent is received already. */
function makeSnapshots(
  work: Work,
  source: TestBtrfs,
  target: TestBtrfs,
  scale: number,
): readonly string[] {
  const random = new Random(1);
  const live = join(source.dir, 'live');
  const snapshot = (name: string): string => {
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, join(source.dir, name)]);
    return join(source.dir, name);
  };
  run('btrfs', ['-q', 'subvolume', 'create', live]);
  work.fill(live, scale, random);
  const first = snapshot('first');
  if (work.change === undefined) return [first];
  work.change(live, scale, random);
  const second = snapshot('second');
  const file = join(source.dir, '..', 'first.stream');
  run('btrfs', ['-q', 'send', '-f', file, first]);
  run('btrfs', ['-q', 'receive', '-f', file, target.dir]);
  run('rm', [file]);
  return ['-p', first, second];
}

/** What the last run made; the parent of an increment stays. */
function removeReceived(target: TestBtrfs, isIncrement: boolean): void {
  const made = isIncrement ? 'second' : 'first';
  if (!readdirSync(target.dir).includes(made)) return;
  run('btrfs', ['-q', 'subvolume', 'delete', '-C', join(target.dir, made)]);
  run('btrfs', ['subvolume', 'sync', target.dir]);
}

function smallFiles(dir: string, scale: number, random: Random): void {
  const count = Math.round(200_000 * scale);
  for (let i = 0; i < count; i += 1) {
    const folder = join(dir, `d${Math.floor(i / 200)}`);
    if (i % 200 === 0) mkdirSync(folder);
    const file = join(folder, `file-${i}`);
    writeFileSync(file, random.text(random.between(1, 9000)));
    if (i % 5 === 0) setXattr(file, 'user.tag', Buffer.from(`value ${i}`));
  }
}

function largeFile(path: string, sizeMiB: number, random: Random): void {
  writeMiBs(path, sizeMiB, () => random.bytes(MIB));
}

function textFile(path: string, sizeMiB: number, random: Random): void {
  writeMiBs(path, sizeMiB, () =>
    Buffer.concat([random.bytes(MIB / 4), random.text((MIB * 3) / 4)]),
  );
}

function writeMiBs(path: string, sizeMiB: number, make: () => Buffer): void {
  const fd = openSync(path, 'w');
  const blocks = Array.from({ length: 8 }, make);
  for (let i = 0; i < sizeMiB; i += 1) {
    const block = blocks[i % blocks.length]!;
    block.writeUInt32LE(i, 0);
    writeSync(fd, block);
  }
  closeSync(fd);
}

function overwrite(dir: string, scale: number, random: Random): void {
  const fd = openSync(join(dir, 'file'), 'r+');
  const blocks = Math.max(1, Math.round(4096 * 256 * scale));
  const data = random.bytes(4096);
  for (let i = 0; i < 20_000 * scale; i += 1) {
    writeSync(fd, data, 0, data.length, random.between(0, blocks) * 4096);
  }
  closeSync(fd);
}
