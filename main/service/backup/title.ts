import { printable } from '../../../shared/model/bytes-text.ts';
import type { BackupRequest } from '../../../shared/model/backup.ts';
import type { Context } from '../context.ts';

/** 'Home to Blue Drive'; also for a drive that is away. */
export async function titleOf(
  { source, target }: Pick<BackupRequest, 'source' | 'target'>,
  context: Context,
): Promise<string> {
  const name = async (volumeId: string): Promise<string> => {
    const known = context.history.points.volumesSeen().find((one) => one.volumeId === volumeId);
    if (known) return known.name;
    const found = await context.volumes.get(volumeId).catch(() => undefined);
    return found?.volume.name ?? printable(volumeId);
  };
  const path = await context.volumes
    .get(source.volumeId)
    .then((known) => context.points.subvolumes(known))
    .then((all) => all.find((one) => one.subvolumeId === source.subvolumeId)?.path)
    .catch(() => undefined);
  const from = spokenName(path || (await name(source.volumeId)));
  return `${from} to ${await name(target.volumeId)}`;
}

/** '@home' is what installers call a subvolume, 'Home' what a person calls it. */
function spokenName(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (last === '@') return 'System';
  const plain = printable(last.replace(/^@/, ''));
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
