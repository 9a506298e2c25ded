import type { ComparisonSummary, Difference } from '../../../shared/model/comparison.ts';
import type { VerbContext } from '../../engine/context.ts';
import {
  snapshotDifferences,
  type DifferenceHooks,
} from '../../engine/proof/snapshot-differences.ts';
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
export function comparePlaces(
  { from, to }: ComparePlacesInput,
  { cancel, progress }: VerbContext,
): Promise<Comparison> {
  return withPlace(from, cancel, (before) =>
    withPlace(to, cancel, (after) => {
      let [looks, filesRead, unreadableCount] = [0, 0, 0];
      const unreadable: { path: string; reason: string }[] = [];
      const report = (): void =>
        progress({
          ...{ step: 'compare', bytes: 0, totalBytes: null, files: looks, totalFiles: null },
          current: '',
        });
      const differences = differencesOf(before, after, {
        check: () => {
          cancel.check();
          looks += 1;
          if (looks % 1_000 === 0) report();
        },
        onRead: () => (filesRead += 1),
        onUnreadable: (path, reason) => {
          unreadableCount += 1;
          if (unreadable.length < UNREADABLE_TOLD) unreadable.push({ path, reason });
        },
      });
      const notes = [...before.notes, ...after.notes];
      const facts = { filesRead, unreadable, unreadableCount, notes };
      return { differences, summary: { ...sumOf(differences), ...facts } };
    }),
  );
}

function differencesOf(
  before: PlacedTree,
  after: PlacedTree,
  hooks: DifferenceHooks,
): Difference[] {
  const [a, b] = [before.top, after.top];
  const isOneVolume =
    a instanceof SnapshotNode &&
    b instanceof SnapshotNode &&
    a.subvolume.volume === b.subvolume.volume;
  return isOneVolume
    ? snapshotDifferences(a.subvolume, b.subvolume, hooks)
    : treeDifferences(a, b, hooks);
}

function sumOf(
  differences: readonly Difference[],
): Pick<ComparisonSummary, 'counts' | 'addedBytes' | 'removedBytes'> {
  const counts = { added: 0, removed: 0, moved: 0, modified: 0, metadata: 0 };
  let [addedBytes, removedBytes] = [0, 0];
  for (const { kind, sizeBytes } of differences) {
    counts[kind] += 1;
    if (kind === 'added') addedBytes += sizeBytes;
    if (kind === 'removed') removedBytes += sizeBytes;
  }
  return { counts, addedBytes, removedBytes };
}
