import { exactPoint } from '../../archive/read/pick.ts';
import type { Secrets } from '../../archive/folder/keys.ts';
import type { Clash } from '../../engine/restore/placements.ts';
import type { RestorePlaceInput } from './restore-place.ts';

export interface ArchiveRestoreRequest {
  /** Absolute, both. */
  readonly folder: string;
  readonly destination: string;
  /** See `pickPoint`. */
  readonly point: string;
  /** In the point; none, or '': everything, in a folder of the point's name. */
  readonly paths: readonly string[];
  readonly secrets?: Secrets | undefined;
  readonly clash: Clash;
}

type RestoreOutOfArchive = RestorePlaceInput & { readonly place: { readonly kind: 'archive' } };

/**
 * What `restorePlace` takes for a restore out of an archive. The point is named such that the same
 * request after a kill finds what it began, though `latest` is another one by then.
 * @throws Conflict 'no-archive', 'point-not-found', 'point-ambiguous'
 */
export function fromArchive(request: ArchiveRestoreRequest): RestoreOutOfArchive {
  const { folder, destination, paths, secrets, clash } = request;
  const { name, point } = exactPoint(folder, request.point);
  const items = (paths.length === 0 ? [''] : paths).map((path) => {
    const names = path.split('/').filter((one) => one !== '' && one !== '.');
    return { from: names.join('/'), to: names.at(-1) ?? name };
  });
  return { place: { kind: 'archive', folder, point, secrets }, items, folder: destination, clash };
}
