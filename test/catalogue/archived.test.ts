import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Catalogue, type ArchivedPoint, type PresentPoint } from '../../main/catalogue/index.ts';
import { placeOf } from '../../main/cli/place.ts';
import { closeVolumes } from '../../main/engine/open-volumes.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { CatalogueQuery } from '../../shared/model/catalogue.ts';
import { context, exportSnapshot, makeChain, type Chain } from '../archive/archive-harness.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';

const POINTS = 5;
const SOURCE = '11111111-1111-4111-8111-111111111111';
const ALL = { how: 'glob', text: '*', limit: 1_000 } as const;

let chain: Chain;
let folder: string;

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  chain = makeChain(POINTS, 11);
  folder = join(chain.source.dir, 'archive');
  for (const snapshot of chain.snapshots) await exportSnapshot(snapshot, folder);
});
afterAll(() => {
  closeVolumes();
  chain?.source.close();
});

const factsOf = (number: number) => ({
  ...{ pointId: `snap.${number}`, sourceUuid: SOURCE, sourceName: 'live' },
  takenAtMs: (number + 1) * 60_000,
});
const archived = (number: number): ArchivedPoint => ({
  ...{ ...factsOf(number), volumeId: 'archive:drive/archive', folder },
  point: `live/snap.${number}`,
});
const present = (number: number): PresentPoint => ({
  ...{ ...factsOf(number), ...placeOf(chain.snapshots[number]!), volumeId: 'volume' },
});
const numbers = Array.from({ length: POINTS }, (_, number) => number);

/** What is told of each file, but for the number of its versions: chmod alone is one of btrfs only. */
function told(catalogue: Catalogue): string[] {
  return catalogue
    .find(CatalogueQuery.parse(ALL))
    .filter(({ path }) => path !== '..')
    .map(({ path, type, sizeBytes, modifiedAtMs, isDeleted, pointId, firstPointMs }) => {
      const size = type === 2 ? 0 : sizeBytes;
      return `${path} ${type} ${size} ${modifiedAtMs} ${isDeleted} ${firstPointMs} ${pointId}`;
    })
    .sort();
}

describeKernel('points that only archives have, in the catalogue', () => {
  test('are told as their snapshots are, deleted, moved and changed files with them', () => {
    const [ofStreams, ofSnapshots] = [new Catalogue(':memory:'), new Catalogue(':memory:')];
    const taken = ofStreams.takeArchived(numbers.map(archived));
    expect(taken.map(({ outcome }) => outcome)).toEqual(['all', ...Array(4).fill('changes')]);
    // By what changed, not by all that is there.
    expect(taken[4]!.inodes).toBeLessThan(taken[0]!.inodes / 2);
    ofSnapshots.update(numbers.map(present));
    closeVolumes();
    const wanted = told(ofSnapshots);
    expect(wanted.length).toBeGreaterThan(100);
    expect(wanted.some((line) => line.includes(' true '))).toBe(true);
    expect(told(ofStreams)).toEqual(wanted);
    for (const one of [ofStreams, ofSnapshots]) one.close();
  });

  test('come in bit by bit, and again from the archive, to the same', () => {
    const [atOnce, slowly] = [new Catalogue(':memory:'), new Catalogue(':memory:')];
    atOnce.takeArchived(numbers.map(archived));
    slowly.takeArchived([archived(0), archived(1)]);
    const outcomes = slowly.takeArchived(numbers.map(archived)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['known', 'known', 'changes', 'changes', 'changes']);
    expect(told(slowly)).toEqual(told(atOnce));
    slowly.forget();
    expect(told(slowly)).toEqual([]);
    slowly.takeArchived(numbers.map(archived));
    expect(told(slowly)).toEqual(told(atOnce));
    slowly.compact(new Set(['snap.3', 'snap.4']));
    expect(slowly.status().points).toBe(2);
    slowly.setOff(SOURCE, true);
    expect(slowly.takeArchived([archived(4)])[0]!.outcome).toBe('off');
    for (const one of [atOnce, slowly]) one.close();
  });

  test('across chains: what the new one does not have has ended', async () => {
    const other = `${folder}-pruned`;
    run('cp', ['-r', folder, other]);
    const point = (number: number) => ({ ...archived(number), folder: other });
    const [catalogue, whole] = [new Catalogue(':memory:'), new Catalogue(':memory:')];
    catalogue.takeArchived([point(0), point(1)]);
    // The newest alone, as a full stream: nothing leads from the points before to it.
    await pruneArchive(
      { folder: other, keep: { latest: 1 }, nowMs: Date.now() } as never,
      context(),
    );
    const taken = catalogue.takeArchived([point(0), point(1), point(4)]);
    expect(taken.map(({ outcome }) => outcome).sort()).toEqual(['all', 'known', 'known']);
    whole.takeArchived([point(4)]);
    const now = (one: Catalogue): string[] =>
      one
        .find(CatalogueQuery.parse({ ...ALL, deleted: 'no' }))
        .map(({ path, sizeBytes }) => `${path} ${sizeBytes}`)
        .sort();
    expect(now(catalogue)).toEqual(now(whole));
    for (const one of [catalogue, whole]) one.close();
    rmSync(other, { recursive: true });
  });

  test('what is encrypted or damaged is told as unreadable, and stands nowhere', async () => {
    const sealed = `${folder}-sealed`;
    const encryption = { passphrase: 'a long one', workFactor: 10 };
    await exportSnapshot(chain.snapshots[0]!, sealed, { encryption });
    const catalogue = new Catalogue(':memory:');
    const outcomes = catalogue.takeArchived([
      { ...archived(0), folder: sealed, volumeId: 'archive:drive/sealed' },
      { ...archived(1), folder: `${folder}-nowhere`, volumeId: 'archive:drive/nowhere' },
      archived(2),
    ]);
    expect(outcomes.map(({ pointId, outcome }) => [pointId, outcome])).toEqual([
      ['snap.0', 'unreadable'],
      ['snap.1', 'unreadable'],
      ['snap.2', 'all'],
    ]);
    expect(catalogue.status().points).toBe(1);
    catalogue.close();
  });
});
