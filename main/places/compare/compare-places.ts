import type { ComparisonSummary, Difference } from '../../../shared/model/comparison.ts';
import type { VerbContext } from '../../engine/context.ts';
import {
  snapshotDifferences,
  type DifferenceHooks,
} from '../../engine/proof/snapshot-differences.ts';
import type { SortedList } from '../../engine/spill/sorted-list.ts';
import { isDamage } from '../../engine/volume/index.ts';
import type { PlacedTree } from '../node.ts';
import { withPlace, type PlaceInput } from '../open-place.ts';
import { SnapshotNode } from '../snapshot-node.ts';
import { treeDifferences } from './tree-differences.ts';

export interface ComparePlacesInput {
  readonly from: PlaceInput;
  readonly to: PlaceInput;
}

export interface Comparison {
  readonly differences: Difference[];
  readonly summary: ComparisonSummary;
}

/** More than these are told as a number. */
const UNREADABLE_TOLD = 1_000;

/**
 * What differs between two states, wherever they lie, content-true. Two subvolumes of one volume
 * are told apart by what they do not share; else both trees are walked.
 * @throws what opening them throws; Cancelled
 */
export async function comparePlaces(
  input: ComparePlacesInput,
  context: VerbContext,
): Promise<Comparison> {
  const differences: Difference[] = [];
  const summary = await eachDifference(input, context, (one) => void differences.push(one));
  return { differences, summary };
}

/** The same, one after another once all are known: of a million of them no list is made. */
export function eachDifference(
  { from, to }: ComparePlacesInput,
  { cancel, progress }: VerbContext,
  take: (difference: Difference) => void,
): Promise<ComparisonSummary> {
  return withPlace(from, cancel, (before) =>
    withPlace(to, cancel, (after) => {
      let looks = 0;
      const report = (): void =>
        progress({
          ...{ step: 'compare', bytes: 0, totalBytes: null, files: 0, totalFiles: null },
          current: '',
        });
      const { differences, facts } = differencesOf(before, after, () => {
        cancel.check();
        looks += 1;
        if (looks % 1_000 === 0) report();
      });
      const notes = [...before.notes, ...after.notes];
      try {
        const hasTravelled = { before: isSent(before), after: isSent(after) };
        return { ...sumOf(meant(differences, hasTravelled), take), ...facts, notes };
      } finally {
        differences.close();
      }
    }),
  );
}

function differencesOf(before: PlacedTree, after: PlacedTree, check: () => void): Compared {
  const [a, b] = [before.top, after.top];
  const isOneVolume =
    a instanceof SnapshotNode &&
    b instanceof SnapshotNode &&
    a.subvolume.volume === b.subvolume.volume;
  if (isOneVolume) {
    try {
      return counted(check, (hooks) => snapshotDifferences(a.subvolume, b.subvolume, hooks));
    } catch (error) {
      if (!isDamage(error)) throw error;
      // name by name it goes on past what is damaged
    }
  }
  return counted(check, (hooks) => treeDifferences(a, b, hooks));
}

interface Compared {
  readonly differences: SortedList<Difference>;
  readonly facts: Pick<ComparisonSummary, 'filesRead' | 'unreadable' | 'unreadableCount'>;
}

function counted(
  check: () => void,
  compare: (hooks: DifferenceHooks) => SortedList<Difference>,
): Compared {
  let [filesRead, unreadableCount] = [0, 0];
  const unreadable: { path: string; reason: string }[] = [];
  const differences = compare({
    check,
    onRead: () => (filesRead += 1),
    onUnreadable: (path, reason) => {
      unreadableCount += 1;
      if (unreadable.length < UNREADABLE_TOLD) unreadable.push({ path, reason });
    },
  });
  return { differences, facts: { filesRead, unreadable, unreadableCount } };
}

/** Made of what was sent: an archive, a folder, a snapshot that was received. */
function isSent({ top }: PlacedTree): boolean {
  return (
    !(top instanceof SnapshotNode) || top.subvolume.info.receivedUuid.some((byte) => byte !== 0)
  );
}

/**
 * A snapshot holds an empty folder where a nested subvolume is, and no stream has it: that it lacks
 * in a copy is no difference of the copy.
 */
function* meant(
  differences: Iterable<Difference>,
  isWithout: { readonly before: boolean; readonly after: boolean },
): Generator<Difference> {
  for (const difference of differences) {
    const { type, kind } = difference;
    const lacks = kind === 'added' ? isWithout.before : kind === 'removed' && isWithout.after;
    if (type !== 'subvolume' || !lacks) yield difference;
  }
}

function sumOf(
  differences: Iterable<Difference>,
  take: (difference: Difference) => void,
): Pick<ComparisonSummary, 'counts' | 'addedBytes' | 'removedBytes'> {
  const counts = { added: 0, removed: 0, moved: 0, modified: 0, metadata: 0 };
  let [addedBytes, removedBytes] = [0, 0];
  for (const difference of differences) {
    take(difference);
    const { kind, sizeBytes } = difference;
    counts[kind] += 1;
    if (kind === 'added') addedBytes += sizeBytes;
    if (kind === 'removed') removedBytes += sizeBytes;
  }
  return { counts, addedBytes, removedBytes };
}
