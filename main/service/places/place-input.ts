import { conflict } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { PointPlace } from '../../../shared/model/place.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import type { Context } from '../context.ts';

/** How the engine opens it. @throws Conflict 'volume-unknown', 'not-absolute' */
export async function placeInput(place: PointPlace, { volumes }: Context): Promise<PlaceInput> {
  if (place.kind === 'snapshot') {
    const { input } = await volumes.get(place.volumeId);
    return { kind: 'snapshot', volume: input, subvolumeId: place.subvolumeId };
  }
  if (place.folder.startsWith('/')) return place;
  throw conflict('not-absolute', `"${printable(place.folder)}" is not a full path.`, {
    hint: 'Name the folder from the top: /media/me/Drive/backups.',
  });
}

/** What a person would call it, and type for it. */
export async function placeText(
  place: PointPlace,
  context: Context,
): Promise<{ name: string; words: string[] }> {
  if (place.kind === 'folder') return { name: place.folder, words: [place.folder] };
  if (place.kind === 'archive') {
    return { name: place.point, words: [`${place.folder}:${place.point}`] };
  }
  const known = await context.volumes.get(place.volumeId);
  const subvolumes = await context.points.subvolumes(known);
  const found = subvolumes.find(({ subvolumeId }) => subvolumeId === place.subvolumeId);
  const path = found?.path ?? `subvolume ${place.subvolumeId}`;
  const typed = found?.mountedPath ?? `${known.input.devices[0]!}:/${path}`;
  return { name: path === '' ? known.volume.name : path, words: [typed] };
}
