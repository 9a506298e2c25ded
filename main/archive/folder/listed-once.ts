import { exactly, type PointRecord, type SourceRecord } from '../format/manifest.ts';

/**
 * Each folder and each point of it once, whatever a manifest says that was edited or put together
 * by hand: of a point that is listed twice, one copy would lose its files when the other goes.
 * New objects, which may be changed.
 */
export function listedOnce(sources: readonly SourceRecord[]): SourceRecord[] {
  const known = new Map<string, SourceRecord>();
  for (const source of sources) {
    const first = known.get(source.folder);
    if (first === undefined) {
      known.set(source.folder, { ...source, points: [...source.points] });
      continue;
    }
    first.points.push(...source.points);
    first.purged = [...new Set([...first.purged, ...source.purged])];
  }
  for (const source of known.values()) source.points = pointsOnce(source.points);
  return [...known.values()];
}

/** Of several records of a point the one that was written last. */
function pointsOnce(points: readonly PointRecord[]): PointRecord[] {
  const known = new Map<string, PointRecord>();
  for (const point of points) {
    const key = exactly(point);
    const other = known.get(key);
    if (other === undefined || isNewer(point, other)) known.set(key, point);
  }
  return [...known.values()];
}

/** Whether it was written after the other one: records are written before the manifest. */
export function isNewer(one: PointRecord, other: PointRecord): boolean {
  const later = one.exportedAtMs - other.exportedAtMs;
  return later > 0 || (later === 0 && (one.revision ?? 0) > (other.revision ?? 0));
}
