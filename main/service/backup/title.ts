import { printable } from '../../../shared/model/bytes-text.ts';
import type { BackupRequest } from '../../../shared/model/backup.ts';
import type { SubvolumeRef } from '../../../shared/model/subvolume.ts';
import type { Context } from '../context.ts';
import type { Note } from '../../../shared/said.ts';
import { toPlace } from '../../runs/titles.ts';

/** 'Home to Blue Drive'; also for a drive that is away. */
export async function titleOf(
  { source, target }: Pick<BackupRequest, 'source' | 'target'>,
  context: Context,
): Promise<Note> {
  const place = await volumeName(target.volumeId, context);
  return toPlace(await sourceTitle(source, context), place);
}

/** 'Home'; also for a volume that is away. */
export async function sourceTitle(source: SubvolumeRef, context: Context): Promise<string> {
  const path = await context.volumes
    .get(source.volumeId)
    .then((known) => context.points.subvolumes(known))
    .then((all) => all.find((one) => one.subvolumeId === source.subvolumeId)?.path)
    .catch(() => undefined);
  return spokenName(path || (await volumeName(source.volumeId, context)));
}

async function volumeName(volumeId: string, { history, volumes }: Context): Promise<string> {
  const known = history.points.volumesSeen().find((one) => one.volumeId === volumeId);
  if (known) return known.name;
  const found = await volumes.get(volumeId).catch(() => undefined);
  return found?.volume.name ?? printable(volumeId);
}

/** '@home' is what installers call a subvolume, 'Home' what a person calls it. */
function spokenName(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (last === '@') return 'System';
  const plain = printable(last.replace(/^@/, ''));
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
