import { resolve } from 'node:path';
import type { PointPlace } from '../../../shared/model/place.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { hasArchive } from '../../archive/folder/archive.ts';
import type { Secrets } from '../../archive/folder/keys.ts';
import { listArchive } from '../../archive/verbs/list-points.ts';
import { uuidText } from '../../engine/verbs/uuid-text.ts';
import type { Subvolume } from '../../engine/tree/index.ts';
import type { HealPlace } from '../../places/heal/look-for-damage.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import { opened, pointPlaceOf } from '../point-place.ts';
import { withDisks } from '../with-service.ts';

/** What `--from` names: a point, or an archive with all of its points, the newest first. */
export function namedPlaces(text: string, secrets: Secrets): HealPlace[] {
  const folder = resolve(text);
  if (!hasArchive(folder)) {
    const input = opened(pointPlaceOf(text), secrets);
    return [{ input, place: { kind: 'folder', folder }, name: text, where: '', takenAtMs: null }];
  }
  const points = listArchive({ folder }).sources.flatMap(({ folder: source, points: all }) =>
    all.map((point) => ({ ...point, ref: `${source}/${point.name}` })),
  );
  return points
    .sort((a, b) => b.takenAtMs - a.takenAtMs)
    .map(({ name, ref, takenAtMs }) => {
      const place = { kind: 'archive' as const, folder, point: ref };
      return { input: { ...place, secrets }, place, name, where: folder, takenAtMs };
    });
}

/** Every restore point of the subvolume that is here, copies on other volumes first. */
export async function knownPlaces(subvolume: Subvolume, secrets: Secrets): Promise<HealPlace[]> {
  const uuid = uuidText(subvolume.info.uuid);
  const here = uuidText(subvolume.volume.fsid);
  const places = await withDisks(async (client) => {
    const points = await client.call('points.list', {});
    const volumes = await client.call('volumes.list', {});
    const own = points.filter(({ sourceUuid }) => sourceUuid !== null && sourceUuid === uuid);
    const found: HealPlace[] = [];
    for (const { pointId, name, takenAtMs, copies } of own) {
      for (const { volumeId, volumeName: where } of copies) {
        const { place } = await client.call('place.ofCopy', { pointId, volumeId });
        const input = place === null ? undefined : inputOf(place, volumes, secrets);
        if (place !== null && input) found.push({ input, place, name, where, takenAtMs });
      }
    }
    return found;
  });
  const isLocal = ({ place }: HealPlace): boolean =>
    place.kind === 'snapshot' && place.volumeId === here;
  return places.sort((a, b) => Number(isLocal(a)) - Number(isLocal(b)));
}

/** Undefined for a volume that cannot be read. */
function inputOf(
  place: PointPlace,
  volumes: readonly Volume[],
  secrets: Secrets,
): PlaceInput | undefined {
  if (place.kind !== 'snapshot') return opened(place, secrets);
  const volume = volumes.find((one) => one.volumeId === place.volumeId);
  if (!volume || volume.problem !== null) return undefined;
  const devices = volume.devices.flatMap(({ path }) => (path === null ? [] : [path]));
  const mountPath = volume.mounts[0]?.path ?? null;
  return { kind: 'snapshot', volume: { devices, mountPath }, subvolumeId: place.subvolumeId };
}
