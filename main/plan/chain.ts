import type { Chain, ChainPlace, ChainPoint } from '../../shared/model/chain.ts';
import type { FarContact } from '../../shared/model/health.ts';
import type { RestorePoint } from '../../shared/model/subvolume.ts';

export interface ChainFacts {
  /** All restore points of one source, newest first. */
  readonly points: readonly RestorePoint[];
  /** The volume that the source lies on. */
  readonly sourceVolumeId: string;
  /** Where points of it are or are to go. */
  readonly places: readonly {
    readonly volumeId: string;
    readonly name: string;
    readonly present: boolean;
    /** Set for another computer. */
    readonly far?: FarContact | undefined;
  }[];
}

/**
 * The lineage of a source over all places: what was sent upon what, and for each place what the
 * next backup there can build on, or why it would be full.
 */
export function chainOf({ points, sourceVolumeId, places }: ChainFacts): Chain {
  const known = new Set(points.map(({ pointId }) => pointId));
  return {
    points: points.map((point): ChainPoint => {
      const parentPointId = point.backup?.parentPointId ?? null;
      return {
        pointId: point.pointId,
        name: point.name,
        takenAtMs: point.takenAtMs,
        parentPointId,
        // A btrfs snapshot is whole without it; the lineage alone has a gap.
        parentGone: parentPointId !== null && !known.has(parentPointId),
        places: point.copies.map(({ volumeId }) => volumeId),
      };
    }),
    places: places
      .filter(({ volumeId }) => volumeId !== sourceVolumeId)
      .map((place) => placeOf(place, points, sourceVolumeId)),
  };
}

function placeOf(
  { volumeId, name, present, far = undefined }: ChainFacts['places'][number],
  points: readonly RestorePoint[],
  sourceVolumeId: string,
): ChainPlace {
  const isOn = (point: RestorePoint, id: string): boolean =>
    point.copies.some((copy) => copy.volumeId === id);
  const there = points.filter((point) => isOn(point, volumeId));
  const shared = there.find((point) => isOn(point, sourceVolumeId));
  const own = { volumeId, name, present, far: far ?? null, points: there.length };
  if (shared) {
    return { ...own, next: 'increment', parentPointId: shared.pointId, why: 'shared', mend: null };
  }
  const [newest] = there;
  if (!newest) return { ...own, next: 'full', parentPointId: null, why: 'first', mend: null };
  // Sent back, the newest point there is one that both sides hold.
  const copy = newest.copies.find((one) => one.volumeId === volumeId)!;
  const mend = present ? { pointId: newest.pointId, subvolumeId: copy.subvolumeId } : null;
  return { ...own, next: 'full', parentPointId: null, why: 'parent-deleted-here', mend };
}
