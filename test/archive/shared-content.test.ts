// A synthetic full wrote data that files share (clones, deduplication) once for each of them: a tree of
// copies that took hardly any room on the source did not fit onto the drive.
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticFull } from '../../main/archive/compose/synthetic-full.ts';
import { importStreams } from '../../main/archive/import/import-streams.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { cloneRange } from '../harness/syscalls.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { dendro } from '../cli/dendro.ts';
import { context, differences, wrongFiles } from './archive-harness.ts';

const BLOCK = 4096;
const BLOCKS = 1024;

describeKernel('a synthetic full of files that share data', () => {
  let source: TestBtrfs;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
  });
  afterAll(() => source.close());

  test.each([1, 2])('has it once, with protocol %i', async (protocol) => {
    const top = `${source.dir}/${protocol}`;
    mkdirSync(top);
    const live = `${top}/live`;
    run('btrfs', ['-q', 'subvolume', 'create', live]);
    mkdirSync(`${live}/nocow`);
    run('chattr', ['+C', `${live}/nocow`]);
    if (protocol === 2) run('btrfs', ['property', 'set', live, 'compression', 'zstd']);
    const random = new Random(protocol);
    const text = Buffer.from(random.bytes((BLOCKS * BLOCK) / 2).toString('hex'));
    writeFileSync(`${live}/first`, protocol === 2 ? text : random.bytes(BLOCKS * BLOCK + 100));
    run('cp', ['--reflink=always', `${live}/first`, `${live}/whole`]);
    writeFileSync(`${live}/nocow/a`, random.bytes(64 * BLOCK));
    run('cp', ['--reflink=always', `${live}/nocow/a`, `${live}/nocow/b`]);
    writeFileSync(`${live}/pieces`, '');
    clones(live, 'first', 'pieces', 300, random);
    run('sync', ['-f', live]);
    const snapshots = [0, 1].map((i) => {
      if (i === 1) {
        writeFileSync(`${live}/more`, random.bytes(32 * BLOCK));
        clones(live, 'more', 'pieces', 20, random);
        clones(live, 'whole', 'first', 20, random);
        clones(live, 'pieces', 'pieces', 20, random);
        run('rm', [`${live}/whole`]);
        run('cp', ['--reflink=always', `${live}/first`, `${live}/again`]);
        run('sync', ['-f', live]);
      }
      const path = `${top}/snap.${i}`;
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, path]);
      return path;
    });
    const folder = `${top}/archive`;
    const files = snapshots.map((path, i) => {
      const file = `${top}/${i}.btrfs`;
      const words = ['send', '-q', '--proto', `${protocol}`];
      if (protocol === 2) words.push('--compressed-data');
      const from = i === 0 ? [] : ['-p', snapshots[i - 1]!];
      expect(dendro([...words, ...from, path, '-f', file]).status).toBe(0);
      return file;
    });
    await importStreams({ folder, files, source: 'live', nowMs: Date.now() }, context());
    const made = await syntheticFull({ folder, point: 'snap.1', nowMs: Date.now() }, context());
    // `first`, `more` and one of those in `nocow`, and some of what stands in no file any more.
    expect(made.streamBytes).toBeLessThan((BLOCKS + 32 + 64 + 64) * BLOCK * 1.05);
    const { problems } = await verifyArchive({ folder, level: 'full' }, context());
    expect(problems).toEqual([]);
    expect(await wrongFiles(folder, 'snap.1', snapshots[1]!)).toEqual([]);
    for (const receiver of ['dendro', 'btrfs'] as const) {
      const target = `${top}/${receiver}`;
      mkdirSync(target);
      const stream = `zstd -dc ${folder}/live/snap.1*.btrfs.zst`;
      const receive = receiver === 'btrfs' ? 'btrfs receive -q' : `./dendro receive`;
      run('bash', ['-ec', `set -o pipefail; ${stream} | ${receive} ${target}`]);
      // The stock receive leaves the flags of inodes out, and version 1 has none.
      const hasFlags = receiver === 'dendro' && protocol > 1;
      const except = hasFlags ? [] : (['flags'] as const);
      expect(differences(snapshots[1]!, `${target}/snap.1`, { except })).toEqual([]);
    }
  });
});

function clones(live: string, from: string, to: string, count: number, random: Random): void {
  const [source, target] = [openSync(`${live}/${from}`, 'r'), openSync(`${live}/${to}`, 'r+')];
  try {
    for (let i = 0; i < count; i += 1) {
      const at = random.between(0, 15) * BLOCK;
      const place = (20 + random.between(0, BLOCKS)) * BLOCK;
      cloneRange(source, at, random.between(1, 4) * BLOCK, target, place);
    }
  } finally {
    closeSync(source);
    closeSync(target);
  }
}
