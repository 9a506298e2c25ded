import { conflict } from '../../../shared/errors.ts';
import { uuidText } from '../../engine/verbs/uuid-text.ts';
import { withService } from '../with-service.ts';
import type { RestoreSource } from './source.ts';

/**
 * The folder in which the subvolume that a point was taken from can be written to now.
 *
 * @throws Conflict 'source-away'
 */
export async function originOf({ subvolume, volume }: RestoreSource): Promise<string> {
  const sources = await withService((client) => client.call('sources.list', {}));
  const fsid = uuidText(subvolume.volume.fsid);
  const ids = [fsid, ...volume.devices];
  const isThis = (copy: { volumeId: string; subvolumeId: number }): boolean =>
    copy.subvolumeId === subvolume.id && ids.includes(copy.volumeId);
  const source =
    sources.find(({ points }) => points.some(({ copies }) => copies.some(isThis))) ??
    sources.find(({ uuid }) => uuid !== null && uuid === uuidText(subvolume.info.parentUuid));
  if (source?.mountedPath) return source.mountedPath;
  throw conflict('source-away', 'The place where it came from is not here, or not mounted.', {
    hint: 'Name a folder to restore into.',
  });
}
