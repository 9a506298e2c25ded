import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Source, Subvolume, SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { makeSnapshot } from '../backup/make-snapshot.ts';
import type { Context } from '../context.ts';
import { farContacts } from '../points/far-contacts.ts';
import { sourcesOf } from '../points/sources.ts';
import { writablePathOf } from '../volumes/mounted-path.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import type { Handlers } from './index.ts';

const TOP_LEVEL = 5;

type Names =
  | 'subvolumes.list'
  | 'snapshots.create'
  | 'snapshots.delete'
  | 'sources.list'
  | 'points.growth'
  | 'points.list'
  | 'points.tag';

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

  'sources.list': async ({ pointsEach }, context) => {
    const { points, history, scheduler, nowMs } = context;
    const { volumes, subvolumes } = await points.look();
    if (pointsEach === undefined) await points.readAhead();
    const seen = history.points.volumesSeen();
    const sources = sourcesOf({
      volumes,
      subvolumes,
      nowMs: nowMs(),
      points: points.sources(volumes, pointsEach ?? Number.MAX_SAFE_INTEGER),
      lastSeenAtMs: new Map(seen.map((volume) => [volume.volumeId, volume.lastSeenAtMs])),
      farContacts: farContacts(history),
      nextRunAtMs: (source) => scheduler.nextRunOf(source),
      provenAtMs: ({ backup }) => checkedAtMs(backup?.runId, context),
    });
    const inUse = await Promise.all(
      sources.map((source) => {
        const known = volumes.find(({ volume }) => volume.volumeId === source.volumeId);
        return isInUse(source, known, context);
      }),
    );
    return sources.filter((_source, i) => inUse[i]);
  },

  'points.tag': async ({ pointId, tag }, { history, hub }) => {
    history.points.tag(pointId, tag);
    hub.emit('volumes.changed', {});
    return {};
  },

  'points.growth': async ({ volumeId }, { history }) => history.points.broughtTo(volumeId),

  'points.list': async ({ source, limit, offset }, context) => {
    const { volumes, subvolumes } = await context.points.look();
    if (!source) {
      await context.points.readAhead();
      return context.points.list(volumes).slice(offset, limit && offset + limit);
    }
    const { volumeId, subvolumeId } = source;
    const known = subvolumes.find(
      (one) => one.volumeId === volumeId && one.subvolumeId === subvolumeId,
    );
    // A source that is away is named by its uuid.
    const uuid = known ? (known.uuid ?? '') : volumeId;
    if (limit === undefined) return context.points.list(volumes, uuid).slice(offset);
    return context.points.page(volumes, uuid, { limit, offset });
  },
};

/** A backup ends with a look at what arrived: whole, and of the right origin. */
function checkedAtMs(runId: string | undefined, { history }: Context): number | null {
  const run = runId === undefined ? undefined : history.runs.find(runId);
  const isChecked = run?.steps.some(({ name, state }) => name === 'check' && state === 'done');
  return isChecked ? run!.endedAtMs : null;
}

/** @throws Conflict 'volume-unknown', 'subvolume-unknown' */
export async function findSubvolume(
  { volumeId, subvolumeId }: SubvolumeRef,
  { volumes, points }: Context,
): Promise<{ known: KnownVolume; subvolume: Subvolume; subvolumes: Subvolume[] }> {
  const known = await volumes.get(volumeId);
  const subvolumes = await points.subvolumes(known);
  const subvolume = subvolumes.find((one) => one.subvolumeId === subvolumeId);
  if (subvolume) return { known, subvolume, subvolumes };
  throw conflict(
    'subvolume-unknown',
    say`${{ name: known.volume.name }} has no subvolume ${{ subvolumeId }}.`,
    {
      hint: 'It may have been deleted meanwhile; list the snapshots again.',
    },
  );
}

/** @throws Conflict 'not-mounted' */
export async function deleteSnapshot(
  { volume }: KnownVolume,
  subvolume: Subvolume,
  { withEngine }: Context,
): Promise<void> {
  const { path, subvolumeId, uuid } = subvolume;
  const seenAt = writablePathOf(volume, path);
  if (seenAt !== null) {
    return withEngine((engine) => engine.run('deleteSnapshot', { path: seenAt, uuid }));
  }
  const mount = volume.mounts.find(({ readOnly }) => !readOnly);
  if (mount === undefined) {
    throw conflict(
      'not-mounted',
      say`${{ name: volume.name }} is not mounted where it can be written to.`,
      {
        hint: 'Mount it, and try again.',
        place: { path: printable(path) },
      },
    );
  }
  await withEngine((engine) =>
    engine.run('deleteUnseen', { mountPath: mount.path, subvolumeId, uuid, path }),
  );
}

/** A top level without files of its own, as on a new drive, is nothing that needs a backup. */
async function isInUse(
  source: Source,
  known: KnownVolume | undefined,
  { engine }: Context,
): Promise<boolean> {
  if (source.subvolumeId !== TOP_LEVEL || source.pointCount > 0) return true;
  if (!known) return false;
  const place = { subvolumeId: TOP_LEVEL, path: '', offset: 0, limit: 100 };
  const listing = await engine
    .run('listDirectory', { volume: known.input, ...place })
    .catch(() => undefined); // gone between one look and the next
  return listing?.entries.some((entry) => entry.type !== 'subvolume') ?? false;
}

function notASnapshot(subvolume: Subvolume): Error {
  return conflict(
    'not-a-snapshot',
    say`"${{ path: printable(subvolume.path) }}" can be written to; Dendro deletes read-only snapshots only.`,
    { hint: 'Delete it with btrfs subvolume delete if it is really not needed.' },
  );
}
