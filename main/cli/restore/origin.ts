import { conflict } from '../../../shared/errors.ts';
import type { Source } from '../../../shared/model/subvolume.ts';
import { openArchive } from '../../archive/folder/archive.ts';
import { pickPoint } from '../../archive/read/pick.ts';
import { volumeFor } from '../../engine/open-volumes.ts';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { identityBeside } from '../../engine/sink/folder-sidecar.ts';
import { openSubvolume } from '../../engine/tree/index.ts';
import { uuidText } from '../../engine/verbs/uuid-text.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import { withDisks } from '../with-service.ts';

/**
 * The folder in which the subvolume that a point was taken from can be written to now.
 *
 * @throws Conflict 'source-away'
 */
export async function originOf(place: PlaceInput): Promise<string> {
  const sources = await withDisks((client) => client.call('sources.list', {}));
  const source = sourceOf(place, sources);
  if (source?.mountedPath) return source.mountedPath;
  throw conflict('source-away', 'The place where it came from is not here, or not mounted.', {
    hint: 'Name a folder to restore into.',
  });
}

function sourceOf(place: PlaceInput, sources: readonly Source[]): Source | undefined {
  const ofPoint = (id: string | null): Source | undefined =>
    sources.find(({ points }) => points.some(({ pointId }) => pointId === id));
  const ofUuid = (wanted: string | null): Source | undefined =>
    sources.find(({ uuid }) => uuid !== null && uuid === wanted);
  switch (place.kind) {
    case 'snapshot': {
      const { info, volume, id } = openSubvolume(volumeFor(place.volume), place.subvolumeId);
      const ids = [uuidText(volume.fsid), ...place.volume.devices];
      const isThis = (copy: { volumeId: string; subvolumeId: number }): boolean =>
        copy.subvolumeId === id && ids.includes(copy.volumeId);
      return (
        sources.find(({ points }) => points.some(({ copies }) => copies.some(isThis))) ??
        ofUuid(uuidText(info.parentUuid))
      );
    }
    case 'archive': {
      const { source, point } = pickPoint({ archive: openArchive(place.folder) }, place.point);
      return (
        ofPoint(fromHex(point.uuid)) ??
        (source.uuid === null ? undefined : ofUuid(fromHex(source.uuid)))
      );
    }
    case 'folder': {
      const identity = identityBeside(bytesFromText(place.folder));
      return identity === undefined ? undefined : ofPoint(uuidText(identity.uuid));
    }
  }
}

function fromHex(uuid: string): string | null {
  return uuidText(Buffer.from(uuid, 'hex'));
}
