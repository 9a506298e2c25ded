import type { SourceChain } from '../../shared/model/chain.ts';

/** A restore point as a ring on a time line; `from` is what it was sent upon. */
export interface LineageRing {
  readonly pointId: string;
  readonly x: number;
  readonly kind: 'full' | 'increment' | 'orphan';
  readonly from: number | null;
}

export interface LineageRow {
  readonly placeId: string;
  readonly rings: readonly LineageRing[];
}

/**
 * One row a place, the newest points that fit, oldest at the left; a ring is joined to the point
 * it builds on by an arc, and an orphan is one whose parent is nowhere any more.
 */
export function layoutLineage(
  { points, places }: Pick<SourceChain, 'points' | 'places'>,
  widthPx: number,
  apartPx = 16,
): LineageRow[] {
  const room = Math.max(1, Math.floor(widthPx / apartPx) - 1);
  const shown = [...points].sort((a, b) => a.takenAtMs - b.takenAtMs).slice(-room);
  const at = new Map(shown.map((point, i) => [point.pointId, (i + 0.5) * apartPx]));
  return places.map(({ volumeId }) => ({
    placeId: volumeId,
    rings: shown
      .filter((point) => point.places.includes(volumeId))
      .map((point) => ({
        pointId: point.pointId,
        x: at.get(point.pointId)!,
        kind: point.parentGone ? 'orphan' : point.parentPointId === null ? 'full' : 'increment',
        from: point.parentPointId === null ? null : (at.get(point.parentPointId) ?? null),
      })),
  }));
}
