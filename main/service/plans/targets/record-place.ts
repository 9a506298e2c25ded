import { createHash } from 'node:crypto';
import type { ArchiveContents, ArchivePoint } from '../../../../shared/model/archive.ts';
import {
  archivePlaceId,
  hostOf,
  placeId,
  type ArchiveOnDrive,
  type TargetOf,
} from '../../../../shared/model/plan-target.ts';
import { exactly } from '../../../archive/format/manifest.ts';
import type { FarEnd } from '../../../engine/wire/index.ts';
import type { PointSeen } from '../../../history/points.ts';
import type { SentForm } from '../../../history/sent-without.ts';
import type { Context } from '../../context.ts';

/** What is needed to note what a place holds. */
export interface Recording {
  readonly history: Pick<Context['history'], 'points' | 'sentWithout'>;
  readonly nowMs: () => number;
}

/** Records the restore points of an archive that can be restored from what is there. */
export function recordArchive(
  target: ArchiveOnDrive,
  driveName: string,
  { sources }: Pick<ArchiveContents, 'sources'>,
  { history, nowMs }: Recording,
): void {
  const forms = history.sentWithout.all();
  const known = history.points.known();
  const pointIdOf = (point: ArchivePoint): string => pointIdIn(point, (one) => forms.get(one));
  const seen = sources.flatMap(({ folder, uuid, points }) => {
    const restorable = points.filter(({ isRestorable }) => isRestorable);
    const alike = Map.groupBy(restorable, (one) => `${pointIdOf(one)} ${one.name}`);
    return restorable.map((point) => {
      const pointId = pointIdOf(point);
      const { excludes } = point;
      // One snapshot may be there twice: whole and in part, or as it was and as it was changed.
      const isAlone = alike.get(`${pointId} ${point.name}`)!.length === 1;
      return {
        pointId,
        // Another subvolume may stand in the place of its source by now, and go on with it.
        sourceUuid: known.get(pointId)?.sourceUuid ?? (uuid === null ? null : dashed(uuid)),
        name: point.name,
        takenAtMs: point.takenAtMs,
        path: `${folder}/${isAlone ? point.name : exactly(point)}`,
        ...(excludes.length > 0 && { excludes }),
      };
    });
  });
  const id = archivePlaceId(target);
  history.points.volumeSeen(id, placeName(driveName, target.folder), nowMs());
  history.points.replaceVolume(id, numbered(seen));
}

/**
 * Which restore point a point of an archive is a copy of: the archive says so itself, but of what
 * older versions exported; of that the history knows.
 */
export function pointIdIn(
  { uuid, snapshotUuid }: ArchivePoint,
  formOf: (uuid: string) => Pick<SentForm, 'pointId'> | undefined,
): string {
  if (snapshotUuid !== undefined) return dashed(snapshotUuid);
  return formOf(dashed(uuid))?.pointId ?? dashed(uuid);
}

/** What to call an archive among other places. */
export function placeName(driveName: string, folder: string): string {
  return folder === '' ? driveName : `${driveName} (${folder})`;
}

/** Records the snapshots that a folder on another computer holds of sources of this one. */
export function recordFarEnd(
  target: TargetOf<'ssh'>,
  { subvolumes }: Pick<FarEnd, 'subvolumes'>,
  { history, nowMs }: Context,
): void {
  const forms = history.sentWithout.all();
  const known = history.points.known();
  const seen = subvolumes.flatMap(({ receivedUuid, readOnly, whole, path }) => {
    if (receivedUuid === null || !readOnly || !whole || !isIn(target, path)) return [];
    const form = forms.get(receivedUuid);
    const point = known.get(form?.pointId ?? receivedUuid);
    if (!point) return [];
    const { pointId, sourceUuid, name, takenAtMs } = point;
    return [
      { pointId, sourceUuid, name, takenAtMs, path, ...(form && { excludes: form.excludes }) },
    ];
  });
  const id = placeId(target);
  history.points.volumeSeen(id, hostOf(target), nowMs());
  history.points.replaceVolume(id, numbered(seen));
}

/** A subvolume's path there is from the top of its volume, the target's from the root. */
export function isIn({ url }: TargetOf<'ssh'>, path: string): boolean {
  const folder = url.slice(url.indexOf('/', 'ssh://'.length)).replace(/\/+$/, '');
  const above = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  return above === '' || folder.endsWith(`/${above}`);
}

/**
 * Stream files and far snapshots have no number of this computer: they get one each, the same for
 * ever and never another's, for whoever has the number may restore by it much later.
 */
function numbered(points: readonly Omit<PointSeen, 'subvolumeId' | 'place'>[]): PointSeen[] {
  return points.map((point) => {
    const digest = createHash('sha256').update(`${point.pointId}\0${point.path}`).digest();
    return { ...point, subvolumeId: digest.readUIntBE(0, 6), place: 'drive' as const };
  });
}

/** A uuid in its canonical form. */
export function dashed(uuid: string): string {
  return uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
