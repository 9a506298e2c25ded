import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { PointSeen } from '../../history/points.ts';
import { streamUuid } from '../../plan/parents.ts';

type Known = ReadonlyMap<
  string,
  { readonly sourceUuid: string | null; readonly takenAtMs: number }
>;

/**
 * Which subvolumes of a volume are restore points, of what, and taken when. A received one says
 * neither what it was taken from nor when: `known` does (history, other volumes), else it is of
 * the same source as the point it was received upon.
 */
export function pointsOf(subvolumes: readonly Subvolume[], known: Known): PointSeen[] {
  const byUuid = new Map(subvolumes.map((subvolume) => [subvolume.uuid, subvolume]));
  const sourceOf = (point: Subvolume, depth = 0): string | null => {
    const fromHistory = known.get(streamUuid(point)!)?.sourceUuid;
    if (fromHistory) return fromHistory;
    if (point.receivedUuid === null) return point.parentUuid;
    const upon = point.parentUuid === null ? undefined : byUuid.get(point.parentUuid);
    // A chain of increments ends; a damaged volume's may not.
    return upon && depth < subvolumes.length ? sourceOf(upon, depth + 1) : null;
  };
  return subvolumes.filter(isPoint).map((point): PointSeen => {
    const pointId = streamUuid(point)!;
    const sourceUuid = sourceOf(point);
    const isLocal = sourceUuid !== null && byUuid.has(sourceUuid) && point.receivedUuid === null;
    return {
      pointId,
      sourceUuid,
      name: point.path.slice(point.path.lastIndexOf('/') + 1),
      takenAtMs: known.get(pointId)?.takenAtMs ?? point.createdAtMs,
      subvolumeId: point.subvolumeId,
      path: point.path,
      place: isLocal ? 'local' : 'drive',
    };
  });
}

export function isPoint(subvolume: Subvolume): boolean {
  const isCopy = subvolume.parentUuid !== null || subvolume.receivedUuid !== null;
  return subvolume.readOnly && subvolume.whole && isCopy && subvolume.uuid !== null;
}
