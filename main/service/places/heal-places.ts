import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { PointPlace } from '../../../shared/model/place.ts';
import type { RestorePoint, Subvolume, SubvolumeRef } from '../../../shared/model/subvolume.ts';
import type { HealPlace } from '../../places/heal/look-for-damage.ts';
import type { Context } from '../context.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import { writablePathOf } from '../volumes/mounted-path.ts';
import { findSubvolume } from '../handlers/snapshots.ts';
import { copyPlace } from './copy-place.ts';
import { placeInput, placeText } from './place-input.ts';

export interface HealSource {
  readonly known: KnownVolume;
  readonly subvolume: Subvolume;
  /** Where it can be written to now. */
  readonly mountedPath: string;
}

/** @throws Conflict 'read-only-source', 'not-mounted' */
export async function healSource(ref: SubvolumeRef, context: Context): Promise<HealSource> {
  const { known, subvolume } = await findSubvolume(ref, context);
  if (subvolume.readOnly) {
    throw conflict('read-only-source', 'A read-only snapshot is never changed.', {
      hint: 'Heal the subvolume in use that it was taken from.',
    });
  }
  const mountedPath = writablePathOf(known.volume, subvolume.path);
  if (mountedPath !== null) return { known, subvolume, mountedPath };
  throw conflict(
    'not-mounted',
    say`${{ name: known.volume.name }} is not mounted where it can be written to.`,
    {
      hint: 'Mount it read-write, and try again. Files can be restored elsewhere all the same.',
    },
  );
}

/** What was named first, then every point of the source that is here, the newest first. */
export async function healPlaces(
  { subvolume }: HealSource,
  named: readonly PointPlace[],
  context: Context,
): Promise<HealPlace[]> {
  const places: HealPlace[] = [];
  for (const place of named) {
    const input = await placeInput(place, context);
    const { name } = await placeText(place, context);
    places.push({ input, place: without(place), name, where: whereOf(place), takenAtMs: null });
  }
  const { volumes } = await context.points.look();
  const points = context.points.list(volumes).filter(({ sourceUuid }) => {
    return sourceUuid !== null && sourceUuid === subvolume.uuid;
  });
  return [...places, ...points.flatMap((point) => placesOf(point, subvolume, volumes, context))];
}

/** Copies on other volumes first: one beside the source may share its bad blocks. */
function placesOf(
  { name, takenAtMs, copies }: RestorePoint,
  source: Subvolume,
  volumes: readonly KnownVolume[],
  context: Context,
): HealPlace[] {
  const isLocal = ({ volumeId }: SubvolumeRef): boolean => volumeId === source.volumeId;
  const sorted = [...copies].sort((a, b) => Number(isLocal(a)) - Number(isLocal(b)));
  return sorted.flatMap((copy): HealPlace[] => {
    const place = copy.present ? copyPlace(copy, context) : null;
    const where = copy.volumeName;
    if (place === null || place.kind === 'folder') return [];
    if (place.kind === 'archive') return [{ input: place, place, name, where, takenAtMs }];
    const known = volumes.find(({ volume }) => volume.volumeId === place.volumeId);
    if (!known || known.volume.problem !== null) return [];
    const { subvolumeId } = place;
    const input = { kind: 'snapshot' as const, volume: known.input, subvolumeId };
    return [{ input, place, name, where, takenAtMs }];
  });
}

function whereOf(place: PointPlace): string {
  return place.kind === 'snapshot' ? place.volumeId : place.folder;
}

/** What is told of a place never holds what opens it. */
function without(place: PointPlace): PointPlace {
  if (place.kind === 'folder') return place;
  if (place.kind === 'archive') {
    const { kind, folder, point } = place;
    return { kind, folder, point };
  }
  const { kind, volumeId, subvolumeId } = place;
  return { kind, volumeId, subvolumeId };
}
