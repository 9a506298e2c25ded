/** Rows of `npm run bench -- read`: the engine's reader beside what the kernel offers. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import type { Argv } from '../harness/pipeline.ts';
import type { BenchContext, BenchRow, PreparedRow } from './row.ts';

const worker = join(import.meta.dirname, 'walk-worker.ts');
const inodes = 1_000_000;
const dataBytes = 3 * 1024 ** 3;

export const rows: readonly BenchRow[] = [
  {
    name: 'walk-metadata',
    title: 'walk all metadata of 1,000,000 inodes / find -printf of each',
    caches: ['cold'],
    prepare: (context) =>
      withInodes(context, (fs) => ({
        ours: { stages: [[process.execPath, worker, fs.device, 'snap']], isQuiet: true },
        theirs: { stages: [['find', `${fs.dir}/snap`, '-printf', '%s %m %T@ %p\n']] },
      })),
  },
  {
    name: 'find-name',
    title: 'find by name over 1,000,000 inodes / find -name',
    goal: 3,
    caches: ['cold'],
    prepare: (context) =>
      withInodes(context, (fs) => ({
        ours: { stages: [[context.dendro, 'find', `${fs.device}:/snap`, '*77777*']] },
        theirs: { stages: [['find', `${fs.dir}/snap`, '-name', '*77777*']] },
      })),
  },
  {
    name: 'read-data',
    title: 'read a large file, checksums verified / dd iflag=direct bs=1M of the device',
    goal: 0.8,
    caches: ['cold'],
    prepare: withData,
  },
];

/** Items: what a walk goes over; counted once. */
function withInodes(
  { scale }: BenchContext,
  contenders: (fs: TestBtrfs) => Pick<PreparedRow, 'ours' | 'theirs'>,
): PreparedRow {
  const count = Math.round(inodes * scale);
  const fs = makeBtrfs({ sizeMiB: 8192 });
  try {
    run('btrfs', ['subvolume', 'create', `${fs.dir}/data`]);
    const random = new Random(1);
    const perFolder = 500;
    for (let i = 0; i < count; i += 1) {
      const folder = `${fs.dir}/data/${Math.floor(i / perFolder)}`;
      if (i % perFolder === 0) mkdirSync(folder);
      writeFileSync(`${folder}/file-${i}`, i % 2 === 0 ? '' : random.text(200));
    }
    run('btrfs', ['subvolume', 'snapshot', '-r', `${fs.dir}/data`, `${fs.dir}/snap`]);
    fs.sync();
    const items = Number(run(process.execPath, [worker, fs.device, 'snap']).stdout);
    const work = { amount: items, unit: 'items' };
    return { ...contenders(fs), work, close: () => fs.close() };
  } catch (error) {
    fs.close();
    throw error;
  }
}

function withData({ dendro, scale }: BenchContext): PreparedRow {
  const bytes = Math.round((dataBytes * scale) / 2 ** 20) * 2 ** 20;
  const fs = makeBtrfs({ sizeMiB: 1024 + Math.ceil(bytes / 2 ** 20) });
  try {
    const random = new Random(1);
    const piece = random.bytes(8 * 2 ** 20);
    const fd = openSync(`${fs.dir}/large`, 'w');
    for (let done = 0; done < bytes; done += piece.length) writeSync(fd, piece);
    closeSync(fd);
    fs.sync();
    const dd: Argv = ['dd', `if=${fs.device}`, 'of=/dev/null', 'iflag=direct', 'bs=1M'];
    return {
      ours: { stages: [[dendro, 'cat', `${fs.device}:/large`]], isQuiet: true },
      theirs: {
        stages: [[...dd, 'skip=300', `count=${bytes / 2 ** 20}`, 'status=none']],
        isQuiet: true,
      },
      work: { amount: bytes / 2 ** 20, unit: 'MiB' },
      close: () => fs.close(),
    };
  } catch (error) {
    fs.close();
    throw error;
  }
}
