import { conflict } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Subvolume, SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { makeSnapshot } from '../backup/make-snapshot.ts';
import type { Context } from '../context.ts';
import { sourcesOf } from '../points/sources.ts';
import { writablePathOf } from '../volumes/mounted-path.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import type { Handlers } from './index.ts';

type Names =
  'subvolumes.list' | 'snapshots.create' | 'snapshots.delete' | 'sources.list' | 'points.list';

export const snapshotHandlers: Pick<Handlers, Names> = {
  'subvolumes.list': async ({ volumeId }, { volumes, points }) =>
    points.subvolumes(await volumes.get(volumeId)),

  'snapshots.create': async ({ name, ...ref }, context) => {
    const { known, subvolume } = await findSubvolume(ref, context);
    const made = await makeSnapshot(known, subvolume, context, name);
    context.hub.emit('volumes.changed', {});
    return made;
  },

  'snapshots.delete': async (ref, context) => {
    const { known, subvolume } = await findSubvolume(ref, context);
    if (!subvolume.readOnly) throw notASnapshot(subvolume);
    await deleteSnapshot(known, subvolume, context);
    context.hub.emit('volumes.changed', {});
    return {};
  },

  'sources.list': async (_, { points, history, scheduler }) => {
    const { volumes, subvolumes } = await points.look();
    const seen = history.points.volumesSeen();
    return sourcesOf({
      volumes,
      subvolumes,
      points: points.list(volumes),
      lastSeenAtMs: new Map(seen.map((volume) => [volume.volumeId, volume.lastSeenAtMs])),
      nextRunAtMs: (source) => scheduler.nextRunOf(source),
    });
  },

  'points.list': async ({ source }, context) => {
    const { volumes, subvolumes } = await context.points.look();
    if (!source) return context.points.list(volumes);
    const { volumeId, subvolumeId } = source;
    const known = subvolumes.find(
      (one) => one.volumeId === volumeId && one.subvolumeId === subvolumeId,
    );
    // A source that is away is named by its uuid.
    return context.points.list(volumes, known ? (known.uuid ?? '') : volumeId);
  },
};

/** @throws Conflict 'volume-unknown', 'subvolume-unknown' */
export async function findSubvolume(
  { volumeId, subvolumeId }: SubvolumeRef,
  { volumes, points }: Context,
): Promise<{ known: KnownVolume; subvolume: Subvolume; subvolumes: Subvolume[] }> {
  const known = await volumes.get(volumeId);
  const subvolumes = await points.subvolumes(known);
  const subvolume = subvolumes.find((one) => one.subvolumeId === subvolumeId);
  if (subvolume) return { known, subvolume, subvolumes };
  throw conflict('subvolume-unknown', `${known.volume.name} has no subvolume ${subvolumeId}.`, {
    hint: 'It may have been deleted meanwhile; list the snapshots again.',
  });
}

/** @throws Conflict 'not-mounted' */
export async function deleteSnapshot(
  { volume }: KnownVolume,
  subvolume: Subvolume,
  { withEngine }: Context,
): Promise<void> {
  const path = writablePathOf(volume, subvolume.path);
  if (path === null) {
    throw conflict('not-mounted', `${volume.name} is not mounted where it can be written to.`, {
      hint: 'Mount it, and try again.',
      place: { path: printable(subvolume.path) },
    });
  }
  await withEngine((engine) => engine.run('deleteSnapshot', { path, uuid: subvolume.uuid }));
}

function notASnapshot(subvolume: Subvolume): Error {
  return conflict(
    'not-a-snapshot',
    `"${printable(subvolume.path)}" can be written to; Dendro deletes read-only snapshots only.`,
    { hint: 'Delete it with btrfs subvolume delete if it is really not needed.' },
  );
}
