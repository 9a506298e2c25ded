import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Known } from './point-rows.ts';

/** What a source's points come to, where not all of them are wanted. */
export interface SourcePoints {
  readonly sourceUuid: string;
  /** Points that are kept anywhere. */
  readonly count: number;
  /** As many as were asked for, the newest first. */
  readonly newest: readonly RestorePoint[];
  /**
   * The newest point at each place, the newest first: what is said of protection holds of these.
   * One that is dated ahead of the clock is among them only for a place that holds no other.
   */
  readonly ofPlaces: readonly RestorePoint[];
}

/** The points of a source that are kept anywhere, in order. */
export interface InOrder {
  /** The newest first. */
  readonly all: readonly Known[];
  /** The newest at each place, whatever the clock says. */
  readonly ofPlaces: readonly Known[];
}

export function inOrder(points: Iterable<Known>): InOrder {
  const all = [...points]
    .filter(({ copies }) => copies.length > 0)
    .sort((a, b) => newestFirst(a.point, b.point));
  return { all, ofPlaces: firstOfPlaces(all) };
}

/** The newest at each place, where what is dated after now counts as older than all else. */
export function headsAt({ all, ofPlaces }: InOrder, nowMs: number): readonly Known[] {
  const isAhead = ({ point }: Known): boolean => point.takenAtMs > nowMs;
  if (!ofPlaces.some(isAhead)) return ofPlaces;
  const heads = firstOfPlaces([...all.filter((one) => !isAhead(one)), ...all.filter(isAhead)]);
  return heads.sort((a, b) => newestFirst(a.point, b.point));
}

function firstOfPlaces(points: readonly Known[]): Known[] {
  const places = new Set<string>();
  return points.filter(({ copies }) => {
    const before = places.size;
    for (const { place, volumeId } of copies) places.add(`${place} ${volumeId}`);
    return places.size > before;
  });
}

export function newestFirst(a: Known['point'], b: Known['point']): number {
  return b.takenAtMs - a.takenAtMs || compare(a.pointId, b.pointId);
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
