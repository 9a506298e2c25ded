import { conflict } from '../../../shared/errors.ts';
import { isVolume } from '../../../shared/model/plan-target.ts';
import type { FileVersion } from '../../../shared/model/entry.ts';
import type { RestorePoint } from '../../../shared/model/subvolume.ts';
import type { Context } from '../context.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import type { Handlers } from './index.ts';

type Names =
  | 'directory.list'
  | 'entry.get'
  | 'file.preview'
  | 'file.versions'
  | 'points.compare'
  | 'entries.find';

export const browseHandlers: Pick<Handlers, Names> = {
  'directory.list': async ({ volumeId, ...rest }, context) =>
    context.engine.run('listDirectory', { volume: await inputOf(volumeId, context), ...rest }),

  'entry.get': async ({ volumeId, ...rest }, context) =>
    context.engine.run('describeEntry', { volume: await inputOf(volumeId, context), ...rest }),

  'file.preview': async ({ volumeId, ...rest }, context) =>
    context.engine.run('previewFile', { volume: await inputOf(volumeId, context), ...rest }),

  'file.versions': async ({ volumeId, subvolumeId, path }, context) => {
    const { volumes } = await context.points.look();
    const all = context.points.list(volumes);
    const isHere = (point: RestorePoint): boolean =>
      point.copies.some((copy) => copy.volumeId === volumeId && copy.subvolumeId === subvolumeId);
    const here = all.find(isHere);
    const related = all.filter(
      (point) => point === here || (here?.sourceUuid && point.sourceUuid === here.sourceUuid),
    );
    return versions(related, path, volumes, context);
  },

  'points.compare': async ({ from, to, offset, limit }, context) => {
    if (from.volumeId !== to.volumeId) {
      throw conflict('different-volumes', 'The two snapshots are on different volumes.', {
        hint: 'Choose two that are on the same volume.',
      });
    }
    const volume = await inputOf(from.volumeId, context);
    return context.engine.run('compareSnapshots', {
      volume,
      fromId: from.subvolumeId,
      toId: to.subvolumeId,
      offset,
      limit,
    });
  },

  'entries.find': async ({ volumeId, subvolumeId, text, limit }, context) => {
    const volume = await inputOf(volumeId, context);
    const found = await context.engine.run('findByName', { volume, subvolumeId, text, limit });
    return { entries: found.map(({ path, entry }) => ({ volumeId, subvolumeId, path, entry })) };
  },
};

async function inputOf(volumeId: string, { volumes }: Context): Promise<KnownVolume['input']> {
  return (await volumes.get(volumeId)).input;
}

/** Newest first; each compared with the one before it in time. */
async function versions(
  points: readonly RestorePoint[],
  path: string,
  volumes: readonly KnownVolume[],
  { engine }: Context,
): Promise<FileVersion[]> {
  const found: FileVersion[] = [];
  let previous: string | undefined;
  for (const point of [...points].reverse()) {
    const copy = point.copies.find(({ volumeId, present }) => present && isVolume(volumeId));
    const known = volumes.find(({ volume }) => volume.volumeId === copy?.volumeId);
    if (!copy || !known) continue;
    const { volumeId, subvolumeId, volumeName } = copy;
    const input = { volume: known.input, subvolumeId, path };
    const { content, ...facts } = await engine.run('fileVersion', input);
    const { pointId, takenAtMs } = point;
    const place = { volumeId, subvolumeId, path, pointId, takenAtMs, volumeName };
    found.push({ ...place, ...facts, sameAsPrevious: content === previous });
    previous = content;
  }
  return found.reverse();
}
