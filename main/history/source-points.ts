import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Known } from './point-rows.ts';

/** What a source's points come to, where not all of them are wanted. */
export interface SourcePoints {
  readonly sourceUuid: string;
  /** Points that are kept anywhere. */
  readonly count: number;
  /** As many as were asked for, the newest first. */
  readonly newest: readonly RestorePoint[];
  /** The newest point at each place, the newest first: what is said of protection holds of these. */
  readonly ofPlaces: readonly RestorePoint[];
}

/** The points of a source that are kept anywhere, in order. */
export interface InOrder {
  /** The newest first. */
  readonly all: readonly Known[];
  /** The newest at each place. */
  readonly ofPlaces: readonly Known[];
}

export function inOrder(points: Iterable<Known>): InOrder {
  const all = [...points]
    .filter(({ copies }) => copies.length > 0)
    .sort((a, b) => newestFirst(a.point, b.point));
  const places = new Set<string>();
  const ofPlaces = all.filter(({ copies }) => {
    const before = places.size;
    for (const { place, volumeId } of copies) places.add(`${place} ${volumeId}`);
    return places.size > before;
  });
  return { all, ofPlaces };
}

export function newestFirst(a: Known['point'], b: Known['point']): number {
  return b.takenAtMs - a.takenAtMs || compare(a.pointId, b.pointId);
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
