import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { PointSeen } from '../../history/points.ts';
import { foreignSnapshot } from '../../other-tools/layouts.ts';
import { streamUuid } from '../../plan/parents.ts';
import { SourcesByKin } from './sources-by-kin.ts';
import { isUnknownSource, unknownSource } from './unknown-sources.ts';

type Known = ReadonlyMap<
  string,
  { readonly sourceUuid: string | null; readonly takenAtMs: number }
>;

/** Copies without some paths, by the uuid that they were received as. */
type Forms = ReadonlyMap<
  string,
  { readonly pointId: string; readonly excludes: readonly string[] }
>;

/** What is known beside the volume itself. */
export interface Hints {
  readonly known: Known;
  readonly forms?: Forms;
  /** Sources by points, as marks on the drive say. */
  readonly marked?: ReadonlyMap<string, string>;
}

/**
 * Which subvolumes of a volume are restore points, of what, and taken when. A received one says
 * neither what it was taken from nor when: the history, other volumes and marks do, else it is of
 * the same source as those that it was received upon and that were received upon it. Of what is
 * left (the computer is dead, and its history with it) points are of one source that lie in one
 * folder under one name with their times behind it.
 */
export function pointsOf(
  subvolumes: readonly Subvolume[],
  { known, forms = new Map(), marked = new Map() }: Hints,
): PointSeen[] {
  const idOf = (point: Subvolume): string => {
    const uuid = streamUuid(point)!;
    return forms.get(uuid)?.pointId ?? uuid;
  };
  const byUuid = new Map(subvolumes.map((subvolume) => [subvolume.uuid, subvolume]));
  const originalOf = (point: Subvolume): Subvolume | undefined => {
    const upon = point.parentUuid === null ? undefined : byUuid.get(point.parentUuid);
    return upon && isForeignWritable(upon) ? upon : undefined;
  };
  const toldOf = (point: Subvolume): string | null => {
    const fromHistory = known.get(idOf(point))?.sourceUuid ?? null;
    if (fromHistory !== null && !isUnknownSource(fromHistory)) return fromHistory;
    if (point.receivedUuid !== null) return marked.get(idOf(point)) ?? null;
    return (originalOf(point) ?? point).parentUuid;
  };
  const points = subvolumes.filter(isPoint);
  const sources = new SourcesByKin(points, toldOf, (point) => {
    const before = known.get(idOf(point))?.sourceUuid ?? null;
    return before ?? unknownSource(idOf(point));
  });
  // A writable snapshot that has a read-only twin is shown by that one.
  const twinned = new Set(points.filter(({ readOnly }) => readOnly).map((one) => one.parentUuid));
  const shown = points.filter(({ readOnly, uuid }) => readOnly || !twinned.has(uuid));
  return shown.map((point): PointSeen => {
    const pointId = idOf(point);
    const excludes = forms.get(streamUuid(point)!)?.excludes;
    const sourceUuid = sources.of(point);
    const isLocal = byUuid.has(sourceUuid) && point.receivedUuid === null;
    return {
      pointId,
      sourceUuid,
      name: point.path.slice(point.path.lastIndexOf('/') + 1),
      takenAtMs: known.get(pointId)?.takenAtMs ?? (originalOf(point) ?? point).createdAtMs,
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
