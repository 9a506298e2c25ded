import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { PointSeen } from '../../history/points.ts';
import { foreignSnapshot } from '../../other-tools/layouts.ts';
import { streamUuid } from '../../plan/parents.ts';

type Known = ReadonlyMap<
  string,
  { readonly sourceUuid: string | null; readonly takenAtMs: number }
>;

/** Copies without some paths, by the uuid that they were received as. */
type Forms = ReadonlyMap<
  string,
  { readonly pointId: string; readonly excludes: readonly string[] }
>;

/**
 * Which subvolumes of a volume are restore points, of what, and taken when. A received one says
 * neither what it was taken from nor when: `known` does (history, other volumes), else it is of
 * the same source as the point it was received upon.
 */
export function pointsOf(
  subvolumes: readonly Subvolume[],
  known: Known,
  forms: Forms = new Map(),
): PointSeen[] {
  const idOf = (point: Subvolume): string => {
    const uuid = streamUuid(point)!;
    return forms.get(uuid)?.pointId ?? uuid;
  };
  const byUuid = new Map(subvolumes.map((subvolume) => [subvolume.uuid, subvolume]));
  const sourceOf = (point: Subvolume, depth = 0): string | null => {
    const fromHistory = known.get(idOf(point))?.sourceUuid;
    if (fromHistory) return fromHistory;
    const upon = point.parentUuid === null ? undefined : byUuid.get(point.parentUuid);
    const isTwin = upon !== undefined && isForeignWritable(upon);
    if (point.receivedUuid === null && !isTwin) return point.parentUuid;
    // A chain of increments ends; a damaged volume's may not.
    return upon && depth < subvolumes.length ? sourceOf(upon, depth + 1) : null;
  };
  const points = subvolumes.filter(isPoint);
  // A writable snapshot that has a read-only twin is shown by that one.
  const twinned = new Set(points.filter(({ readOnly }) => readOnly).map((one) => one.parentUuid));
  const shown = points.filter(({ readOnly, uuid }) => readOnly || !twinned.has(uuid));
  return shown.map((point): PointSeen => {
    const original = byUuid.get(point.parentUuid);
    const isTwin = original !== undefined && isForeignWritable(original);
    const pointId = idOf(point);
    const excludes = forms.get(streamUuid(point)!)?.excludes;
    const sourceUuid = sourceOf(point);
    const isLocal = sourceUuid !== null && byUuid.has(sourceUuid) && point.receivedUuid === null;
    return {
      pointId,
      sourceUuid,
      name: point.path.slice(point.path.lastIndexOf('/') + 1),
      takenAtMs: known.get(pointId)?.takenAtMs ?? (isTwin ? original : point).createdAtMs,
      subvolumeId: point.subvolumeId,
      path: point.path,
      place: isLocal ? 'local' : 'drive',
      ...(excludes && { excludes }),
    };
  });
}

export function isPoint(subvolume: Subvolume): boolean {
  const isCopy = subvolume.parentUuid !== null || subvolume.receivedUuid !== null;
  const isKept = subvolume.readOnly || isForeignWritable(subvolume);
  return isKept && subvolume.whole && isCopy && subvolume.uuid !== null;
}

/**
 * Timeshift leaves its snapshots writable: points to restore from all the same, and parents once
 * they have a read-only twin. (A writable one of Snapper may be the system that runs now.)
 */
export function isForeignWritable({ readOnly, path, parentUuid }: Subvolume): boolean {
  return !readOnly && parentUuid !== null && foreignSnapshot(path)?.tool === 'timeshift';
}
