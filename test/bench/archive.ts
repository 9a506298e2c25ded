/** Rows of `npm run bench -- archive`: archives of stream files beside `btrfs send | zstd`. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Argv } from '../harness/pipeline.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import type { BenchContext, BenchRow, PreparedRow } from './row.ts';

const MIB = 1024 * 1024;
const LEVEL = 3;
const POINTS = 10;
const CHAIN_MIB = 4096;
const PATHS = 1_000_000;

export const rows: readonly BenchRow[] = [
  {
    name: 'export-large',
    title: 'export of 4 GiB of large files, beside btrfs send | zstd -T1',
    goal: 0.8,
    caches: ['cold'],
    prepare: (context) =>
      exportRow(context, (dir) => largeFile(join(dir, 'file'), CHAIN_MIB * context.scale)),
  },
  {
    name: 'export-small',
    title: 'export of 200,000 small files, beside btrfs send | zstd -T1',
    goal: 3,
    caches: ['cold'],
    prepare: (context) => exportRow(context, (dir) => smallFiles(dir, 200_000 * context.scale)),
  },
  {
    name: 'one-file',
    title: 'a file of 1 MiB out of the tenth increment of 4 GiB, beside receiving the chain',
    goal: 10,
    caches: ['cold'],
    prepare: oneFileRow,
  },
  {
    name: 'find',
    title: "1,000,000 paths: archive find '*', beside zstd -dc | btrfs receive --dump",
    goal: 1,
    caches: ['warm'],
    prepare: (context) => listRow(context, (folder) => ['find', folder, 'latest', '*']),
  },
  {
    name: 'list',
    title: '1,000,000 paths: archive ls -R, beside zstd -dc | btrfs receive --dump',
    goal: 1,
    caches: ['warm'],
    prepare: (context) => listRow(context, (folder) => ['ls', '-R', folder, 'latest']),
  },
];

function exportRow({ dendro }: BenchContext, fill: (dir: string) => void): PreparedRow {
  const source = makeBtrfs({ sizeMiB: 16_384 });
  const live = liveOf(source);
  fill(live);
  const snapshot = snapshotOf(source, 'first');
  const out = join(source.dir, '..', 'out');
  const stages: Argv[] = [
    ['btrfs', 'send', '-q', snapshot],
    ['zstd', '-q', '-f', '-T1', `-${LEVEL}`, '-o', `${out}.zst`],
  ];
  return {
    ours: {
      stages: [[dendro, 'archive', 'export', '--level', `${LEVEL}`, out, snapshot]],
      isQuiet: true,
    },
    theirs: { stages, isQuiet: true },
    reset: () => {
      rmSync(out, { recursive: true, force: true });
      rmSync(`${out}.zst`, { force: true });
    },
    close: () => source.close(),
  };
}

function oneFileRow({ dendro, scale }: BenchContext): PreparedRow {
  const source = makeBtrfs({ sizeMiB: 16_384 });
  const target = makeBtrfs({ sizeMiB: 16_384 });
  const live = liveOf(source);
  const folder = join(source.dir, '..', 'archive');
  largeFile(join(live, 'base'), CHAIN_MIB * scale * 0.5);
  const receives: string[] = [];
  for (let i = 0; i < POINTS; i += 1) {
    largeFile(join(live, `file-${i}`), (CHAIN_MIB * scale * 0.5) / POINTS);
    largeFile(join(live, `small-${i}`), 1);
    run(dendro, ['archive', 'export', folder, snapshotOf(source, `snap.${i}`)]);
    receives.push(`zstd -dc ${folder}/live/snap.${i}.btrfs.zst | btrfs receive -q ${target.dir}`);
  }
  const wanted = ['archive', 'cat', folder, `snap.${POINTS - 1}`, `small-${POINTS - 1}`];
  return {
    ours: { stages: [[dendro, ...wanted]] },
    remark: () => {
      const stats = run(dendro, [...wanted, '--stats']).stderr.toString();
      const read = Number(/(\d+) read/.exec(stats)![1]);
      const all = streamBytes(join(folder, 'live'));
      const share = ((100 * read) / all).toFixed(3);
      return `read: ${read} of ${all} bytes of the chain's streams, ${share} % (goal: below 2)`;
    },
    theirs: { stages: [['bash', '-ec', receives.join('\n')]], isQuiet: true },
    reset: () => removeAll(target),
    close: () => {
      source.close();
      target.close();
    },
  };
}

function streamBytes(folder: string): number {
  const names = readdirSync(folder).filter((name) => name.endsWith('.btrfs.zst'));
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function listRow({ dendro, scale }: BenchContext, wordsFor: (folder: string) => Argv): PreparedRow {
  const source = makeBtrfs({ sizeMiB: 16_384 });
  smallFiles(liveOf(source), PATHS * scale, 64);
  const folder = join(source.dir, '..', 'archive');
  run(dendro, ['archive', 'export', folder, snapshotOf(source, 'first')]);
  return {
    ours: { stages: [[dendro, 'archive', ...wordsFor(folder)]] },
    remark: () => listRemark(folder),
    theirs: {
      stages: [
        ['zstd', '-dc', `${folder}/live/first.btrfs.zst`],
        ['btrfs', 'receive', '--dump'],
      ],
    },
    work: { amount: PATHS * scale, unit: 'paths' },
    close: () => source.close(),
  };
}

/** The steps of it apart, in one process: what the page's calls take, too. */
function listRemark(folder: string): string {
  return run(process.execPath, [join(import.meta.dirname, 'archive-names.ts'), folder])
    .stdout.toString()
    .trim();
}

function liveOf({ dir }: TestBtrfs): string {
  run('btrfs', ['-q', 'subvolume', 'create', join(dir, 'live')]);
  return join(dir, 'live');
}

function snapshotOf({ dir }: TestBtrfs, name: string): string {
  run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', join(dir, 'live'), join(dir, name)]);
  return join(dir, name);
}

function removeAll(target: TestBtrfs): void {
  for (let i = 0; i < POINTS; i += 1) {
    const path = join(target.dir, `snap.${i}`);
    run('btrfs', ['-q', 'subvolume', 'delete', '-C', path], { accept: [0, 1] });
  }
  run('btrfs', ['subvolume', 'sync', target.dir]);
}

/** Half of it compresses. */
function largeFile(path: string, sizeMiB: number): void {
  const random = new Random(1);
  const blocks = Array.from({ length: 8 }, () =>
    Buffer.concat([random.bytes(MIB / 2), random.text(MIB / 2)]),
  );
  const fd = openSync(path, 'w');
  for (let i = 0; i < sizeMiB; i += 1) {
    const block = blocks[i % blocks.length]!;
    block.writeUInt32LE(i, 0);
    writeSync(fd, block);
  }
  closeSync(fd);
}

function smallFiles(dir: string, count: number, largest = 9_000): void {
  const random = new Random(1);
  for (let i = 0; i < count; i += 1) {
    const folder = join(dir, `d${Math.floor(i / 200)}`);
    if (i % 200 === 0) mkdirSync(folder);
    writeFileSync(
      join(folder, `file-${i}`),
      largest === 0 ? '' : random.text(random.between(1, largest)),
    );
  }
}
