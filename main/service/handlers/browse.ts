import { conflict } from '../../../shared/errors.ts';
import type { CopyRef } from '../../../shared/model/place.ts';
import type { Engine } from '../../engine/engine.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import type { Context } from '../context.ts';
import { fileVersions } from '../places/file-versions.ts';
import { placeInput } from '../places/place-input.ts';
import type { Handlers } from './index.ts';

type Names =
  | 'directory.list'
  | 'entry.get'
  | 'file.preview'
  | 'file.versions'
  | 'points.compare'
  | 'entries.find';

export const browseHandlers: Pick<Handlers, Names> = {
  'directory.list': async ({ path, offset, limit, ...copy }, context) => {
    const place = await inputOf(copy, context);
    const input = { place, path, offset, limit, pastDamage: true };
    return engineFor(place, context).run('listPlaceFolder', input);
  },

  'entry.get': async ({ path, ...copy }, context) => {
    const place = await inputOf(copy, context);
    return engineFor(place, context).run('describePlaceEntry', { place, path });
  },

  'file.preview': async ({ path, limitBytes, ...copy }, context) => {
    const place = await inputOf(copy, context);
    const input = { place, path, limitBytes };
    if (place.kind !== 'snapshot') {
      return engineFor(place, context).run('previewPlaceFile', input);
    }
    return context.engine.run('previewFile', { ...place, path, limitBytes });
  },

  'file.versions': async (request, context) => fileVersions(request, context),

  'points.compare': async ({ from, to, offset, limit }, context) => {
    if (from.volumeId !== to.volumeId) {
      throw conflict('different-volumes', 'The two snapshots are on different volumes.', {
        hint: 'Choose two that are on the same volume.',
      });
    }
    const { input: volume } = await context.volumes.get(from.volumeId);
    return context.engine.run('compareSnapshots', {
      volume,
      fromId: from.subvolumeId,
      toId: to.subvolumeId,
      offset,
      limit,
    });
  },

  'entries.find': async ({ text, limit, ...copy }, context) => {
    const { volumeId, subvolumeId } = copy;
    const place = await inputOf(copy, context);
    const found =
      place.kind === 'archive'
        ? await context.streamEngine.run('findInArchive', {
            ...{ folder: place.folder, point: place.point, limit, ignoreCase: true },
            ...(place.secrets && { secrets: place.secrets }),
            pattern: `*${text.replace(/[\\*?[\]{}]/g, '\\$&')}*`,
          })
        : await context.engine.run('findByName', {
            ...{ volume: (await context.volumes.get(volumeId)).input, subvolumeId, text, limit },
          });
    return { entries: found.map(({ path, entry }) => ({ volumeId, subvolumeId, path, entry })) };
  },
};

function inputOf(copy: CopyRef, context: Context): Promise<PlaceInput> {
  return placeInput({ kind: 'snapshot', ...copy }, context);
}

/** That of stream files keeps a tree from one question to the next, and may take seconds. */
function engineFor(place: PlaceInput, { engine, streamEngine }: Context): Engine {
  return place.kind === 'archive' ? streamEngine : engine;
}
