import { join } from 'node:path';
import type { TargetOf } from '../../../../shared/model/plan-target.ts';
import type { DriveLease } from '../../../drives/drives.ts';

/** The folder of the archive on the drive as it is mounted now. */
export function archiveFolder(
  { folder }: TargetOf<'archive'>,
  { mountPath }: Pick<DriveLease, 'mountPath'>,
): string {
  return folder === '' ? mountPath : join(mountPath, folder);
}
