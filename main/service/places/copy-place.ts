import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { conflict, unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Drive } from '../../../shared/model/drive.ts';
import {
  archiveOfPlace,
  isVolume,
  type ArchiveOnDrive,
} from '../../../shared/model/plan-target.ts';
import type { CopyRef, PointPlace } from '../../../shared/model/place.ts';
import type { RestorePoint } from '../../../shared/model/subvolume.ts';
import type { CopyFacts } from '../../history/points.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import type { Context } from '../context.ts';

type Copy = Pick<RestorePoint['copies'][number], 'volumeId' | 'subvolumeId' | 'path'>;
type Archived = PlaceInput & { readonly kind: 'archive' };

/**
 * Where a copy of a restore point can be read now; null when its drive is away or not mounted, and
 * for what lies on another computer. Of an encrypted archive without what opens it.
 */
export function copyPlace(
  { volumeId, subvolumeId, path }: Copy,
  { points }: Pick<Context, 'points'>,
): PointPlace | null {
  if (isVolume(volumeId)) return { kind: 'snapshot', volumeId, subvolumeId };
  const archive = archiveOfPlace(volumeId);
  const folder = archive && archiveFolderNow(archive, points.drives);
  return folder === undefined ? null : { kind: 'archive', folder, point: path };
}

/** A copy that lies in an archive: where that is now, and what is known of the point. */
export async function archivedCopy(
  { volumeId, subvolumeId, secrets }: CopyRef,
  { points, history }: Pick<Context, 'points' | 'history'>,
): Promise<{ readonly place: Archived; readonly facts: CopyFacts }> {
  const archive = archiveOfPlace(volumeId);
  if (archive === undefined) throw elsewhere(volumeId);
  let facts = history.points.copyAt(volumeId, subvolumeId);
  if (facts === undefined) {
    // Who asks may know it from before, of a history that is lost.
    await points.look();
    facts = history.points.copyAt(volumeId, subvolumeId);
  }
  if (facts === undefined) throw gone();
  let folder = archiveFolderNow(archive, points.drives);
  if (folder === undefined || !existsSync(folder)) {
    // Drives come and go: a look takes longer than most questions.
    await points.lookAtDrives();
    folder = archiveFolderNow(archive, points.drives);
  }
  if (folder === undefined) throw away(archive, points.drives);
  const place = { kind: 'archive' as const, folder, point: facts.path };
  return { place: secrets === undefined ? place : { ...place, secrets }, facts };
}

/** The folder of an archive as its drive is mounted now. */
export function archiveFolderNow(
  { driveId, folder }: ArchiveOnDrive,
  drives: readonly Drive[],
): string | undefined {
  const mounts = drives.find((drive) => drive.driveId === driveId)?.mounts ?? [];
  const folders = mounts.map((mount) => (folder === '' ? mount : join(mount, folder)));
  // Of a btrfs with several subvolumes mounted, only one shows it.
  return folders.find((path) => existsSync(path)) ?? folders[0];
}

function away({ driveId }: ArchiveOnDrive, drives: readonly Drive[]): Error {
  const drive = drives.find((one) => one.driveId === driveId);
  const name = `"${drive?.name ?? driveId}"`;
  const isHere = drive !== undefined && drive.state !== 'away';
  return isHere
    ? conflict('drive-not-mounted', say`${{ name }} is here, but not mounted.`, {
        hint: 'Mount it on the page Drives, and try again.',
      })
    : conflict('drive-away', say`${{ name }} is not plugged in.`, { hint: 'Plug it in.' });
}

function gone(): Error {
  return conflict('point-unknown', 'This copy of the restore point is not there any more.', {
    hint: 'List the restore points again.',
  });
}

function elsewhere(volumeId: string): Error {
  return unsupported(
    'point-elsewhere',
    say`${{ volumeId: printable(volumeId) }} is on another computer.`,
    {
      hint: 'Restore it there, or send it back from there.',
    },
  );
}
