import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { PointPlace } from '../../../shared/model/place.ts';
import { isVolume } from '../../../shared/model/plan-target.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import type { Context } from '../context.ts';
import { archivedCopy } from './copy-place.ts';

/**
 * How the engine opens it.
 * @throws Conflict 'volume-unknown', 'not-absolute', 'drive-away', 'drive-not-mounted'
 */
export async function placeInput(place: PointPlace, context: Context): Promise<PlaceInput> {
  if (place.kind === 'snapshot' && !isVolume(place.volumeId)) {
    return (await archivedCopy(place, context)).place;
  }
  if (place.kind === 'snapshot') {
    const { input } = await context.volumes.get(place.volumeId);
    return { kind: 'snapshot', volume: input, subvolumeId: place.subvolumeId };
  }
  if (place.folder.startsWith('/')) return place;
  throw conflict('not-absolute', say`"${{ path: printable(place.folder) }}" is not a full path.`, {
    hint: 'Name the folder from the top: /media/me/Drive/backups.',
  });
}

/** What a person would call it, and type for it. */
export async function placeText(
  place: PointPlace,
  context: Context,
): Promise<{ name: string; words: string[] }> {
  if (place.kind === 'folder') return { name: place.folder, words: [place.folder] };
  if (place.kind === 'archive') return archiveText(place);
  if (!isVolume(place.volumeId)) {
    const { place: archived } = await archivedCopy(place, context);
    return archiveText(archived);
  }
  const known = await context.volumes.get(place.volumeId);
  const subvolumes = await context.points.subvolumes(known);
  const found = subvolumes.find(({ subvolumeId }) => subvolumeId === place.subvolumeId);
  const path = found?.path ?? `subvolume ${place.subvolumeId}`;
  const typed = found?.mountedPath ?? `${known.input.devices[0]!}:/${path}`;
  return { name: path === '' ? known.volume.name : path, words: [typed] };
}

function archiveText({ folder, point }: { readonly folder: string; readonly point: string }) {
  return { name: point, words: [`${folder}:${point}`] };
}
