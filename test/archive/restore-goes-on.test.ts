import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreArchiveSnapshot } from '../../main/archive/restore/restore-snapshot.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { changesOf } from '../restore/killed.ts';
import { context, differences, exportSnapshot, makeChain, type Chain } from './archive-harness.ts';

const POINTS = 4;
const MOMENTS = Number(process.env['DENDRO_KILLS'] ?? 3);
const CARRIED = { except: ['flags' as const, 'holes' as const] };
const LARGE_BYTES = 24 << 20;

describeKernel('a whole point out of an archive as a subvolume', () => {
  let chain: Chain;
  let folder: string;
  beforeAll(async () => {
    chain = makeChain(POINTS, 46);
    folder = join(chain.source.dir, 'archive');
    for (const snapshot of chain.snapshots) await exportSnapshot(snapshot, folder);
  });
  afterAll(() => chain.source.close());

  const request = (destination: string) => ({ folder, point: 'latest', destination });
  const expectWhole = (target: TestBtrfs, path: string, others: readonly string[] = []): void => {
    expect(differences(chain.snapshots.at(-1)!, path, CARRIED)).toEqual([]);
    const last = `snap.${POINTS - 1}`;
    expect(readdirSync(target.dir).toSorted()).toEqual([...others, last].toSorted());
  };

  // What a kill had left of the chain lay in the destination as if it had been asked for, for ever.
  test('goes on after a kill at any moment, and leaves nothing that was made on the way', async () => {
    const random = new Random(Date.now() % 1000);
    const job = { verb: 'restoreArchiveSnapshot', killAt: 0 };
    const undisturbed = makeBtrfs({ sizeMiB: 512 });
    const changes = changesOf({ ...job, input: request(undisturbed.dir) })!;
    undisturbed.close();
    const late = changes - 12;
    const moments = Array.from({ length: MOMENTS }, () => random.between(1, changes));
    // From its last name on: what a run tidies up, a further one has to as well.
    const tidying = Array.from({ length: changes - late + 1 }, (_, i) => late + i);
    for (const killAt of [...moments, ...tidying]) {
      const target = makeBtrfs({ sizeMiB: 512 });
      try {
        expect(changesOf({ ...job, input: request(target.dir), killAt })).toBeUndefined();
        const seen = readdirSync(target.dir).filter((name) => !name.startsWith('.dendro-'));
        expect(seen.filter((name) => name !== `snap.${POINTS - 1}`)).toEqual([]);
        const { path, received } = await restoreArchiveSnapshot(request(target.dir), context());
        expectWhole(target, path);
        if (killAt >= late) expect(received.length).toBeLessThanOrEqual(1);
      } catch (error) {
        throw new Error(`killed at change ${killAt} of ${changes}`, { cause: error });
      } finally {
        target.close();
      }
    }
  });

  test('what a kill left is among the leftovers, and goes with them', () => {
    const job = { verb: 'restoreArchiveSnapshot', killAt: 0 };
    const target = makeBtrfs({ sizeMiB: 512 });
    try {
      const changes = changesOf({ ...job, input: request(target.dir) })!;
      run('btrfs', ['subvolume', 'delete', join(target.dir, `snap.${POINTS - 1}`)]);
      changesOf({ ...job, input: request(target.dir), killAt: changes - 12 });
      const told = run(dendro, ['leftovers', target.dir]).stderr.toString();
      expect(told).toContain(join(target.dir, '.dendro-chain'));
      run(dendro, ['leftovers', '--clean', target.dir]);
      expect(readdirSync(target.dir)).not.toContain('.dendro-chain');
      run(dendro, ['leftovers', target.dir], { accept: [1] });
    } finally {
      target.close();
    }
  });

  test('goes on when there is room again, without what it has', async () => {
    const to = join(chain.source.dir, 'archive-of-large');
    const live = join(chain.source.dir, 'large');
    run('btrfs', ['-q', 'subvolume', 'create', live]);
    const random = new Random(5);
    for (const name of ['a', 'b', 'c']) {
      writeFileSync(join(live, name), random.bytes(LARGE_BYTES));
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, `${live}.${name}`]);
      await exportSnapshot(`${live}.${name}`, to);
    }
    const target = makeBtrfs({ sizeMiB: 200, mkfsArgs: ['-m', 'single', '-M'] });
    try {
      const filler = join(target.dir, 'filler');
      writeFileSync(filler, random.bytes(140 << 20));
      target.sync();
      const input = { ...request(target.dir), folder: to };
      await expect(restoreArchiveSnapshot(input, context())).rejects.toMatchObject({
        code: 'target-full',
      });
      rmSync(filler);
      target.sync();
      const { path, received } = await restoreArchiveSnapshot(input, context());
      expect(received.length).toBeLessThan(3);
      expect(differences(`${live}.c`, path, CARRIED)).toEqual([]);
      expect(readdirSync(target.dir)).toEqual(['large.c']);
    } finally {
      target.close();
    }
  });

  // The restore was refused, for a point on the way has the name of something that is there.
  test('does not mind what is called as a point on the way', async () => {
    const target = makeBtrfs({ sizeMiB: 512 });
    try {
      mkdirSync(join(target.dir, 'snap.1'));
      const { path } = await restoreArchiveSnapshot(request(target.dir), context());
      expectWhole(target, path, ['snap.1']);
    } finally {
      target.close();
    }
  });
});
