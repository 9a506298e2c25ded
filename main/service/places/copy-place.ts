import { join } from 'node:path';
import { driveOfPlace, isVolume } from '../../../shared/model/plan-target.ts';
import type { PointPlace } from '../../../shared/model/place.ts';
import type { RestorePoint } from '../../../shared/model/subvolume.ts';
import type { Context } from '../context.ts';

type Copy = Pick<RestorePoint['copies'][number], 'volumeId' | 'subvolumeId' | 'path'>;

/**
 * Where a copy of a restore point can be read now; null when its drive is away or not mounted, and
 * for what lies on another computer. Of an encrypted archive without what opens it.
 */
export function copyPlace(
  { volumeId, subvolumeId, path }: Copy,
  { drives }: Pick<Context, 'drives'>,
): PointPlace | null {
  if (isVolume(volumeId)) return { kind: 'snapshot', volumeId, subvolumeId };
  const driveId = driveOfPlace(volumeId);
  const mount = drives.latest.find((drive) => drive.driveId === driveId)?.mounts[0];
  if (driveId === null || mount === undefined) return null;
  const inside = volumeId.slice(`archive:${driveId}/`.length);
  return { kind: 'archive', folder: join(mount, inside), point: path };
}
