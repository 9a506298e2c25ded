import { driveOf, hostOf, placeId } from '../../../shared/model/plan-target.ts';
import type { SourceChain } from '../../../shared/model/chain.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { chainOf } from '../../plan/chain.ts';
import { shell } from '../command-line.ts';
import type { Context } from '../context.ts';
import { farContacts } from '../points/far-contacts.ts';
import { joined, writablePathOf } from '../volumes/mounted-path.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import type { Handlers } from './index.ts';

export const chainHandlers: Pick<Handlers, 'chain.get'> = {
  'chain.get': async ({ source: { volumeId, subvolumeId } }, context) => {
    const { volumes, subvolumes } = await context.points.look();
    const source = subvolumes.find(
      (one) => one.volumeId === volumeId && one.subvolumeId === subvolumeId,
    );
    const uuid = source?.uuid ?? volumeId;
    const points = context.points.list(volumes, uuid);
    const chain = chainOf({
      points,
      sourceVolumeId: volumeId,
      places: placesOf(
        volumeId,
        subvolumeId,
        points.flatMap(({ copies }) => copies),
        context,
      ),
    });
    const name = source?.path || points[0]?.name || volumeId;
    const commands = chain.places.flatMap(({ volumeId: place, mend }) => {
      const command =
        mend && mendCommand(place, mend.subvolumeId, volumeId, volumes, subvolumes, context);
      return command ? [{ volumeId: place, command }] : [];
    });
    return { ...chain, source: { volumeId, subvolumeId, name }, commands } satisfies SourceChain;
  },
};

/** Where points are, and where the plans of the source send them. */
function placesOf(
  volumeId: string,
  subvolumeId: number,
  copies: readonly { volumeId: string; volumeName: string; present: boolean }[],
  { history, points }: Context,
) {
  const places = new Map(
    copies.map((copy) => [copy.volumeId, { name: copy.volumeName, present: copy.present }]),
  );
  const names = new Map(history.points.volumesSeen().map((one) => [one.volumeId, one.name]));
  const here = points.drivesHere();
  for (const { draft } of history.plans.list()) {
    const isOf = draft.sources.some(
      (s) => s.volumeId === volumeId && s.subvolumeId === subvolumeId,
    );
    if (!isOf) continue;
    for (const target of draft.targets) {
      const [id, drive] = [placeId(target), driveOf(target)];
      if (places.has(id)) continue;
      const name = names.get(id) ?? (target.kind === 'ssh' ? hostOf(target) : id);
      places.set(id, { name, present: drive === null || here.has(drive) });
    }
  }
  const far = farContacts(history);
  return [...places].map(([id, place]) => ({ volumeId: id, ...place, far: far.get(id) }));
}

/** Sends the newest point of a place back beside the source. */
function mendCommand(
  place: string,
  pointSubvolumeId: number,
  sourceVolumeId: string,
  volumes: readonly KnownVolume[],
  subvolumes: readonly Subvolume[],
  { history }: Context,
): string | undefined {
  const copy = subvolumes.find(
    (one) => one.volumeId === place && one.subvolumeId === pointSubvolumeId,
  );
  const home = volumes.find(({ volume }) => volume.volumeId === sourceVolumeId)?.volume;
  const mount = home && home.mounts.find((one) => !one.readOnly);
  if (
    !copy?.mountedPath ||
    !mount ||
    writablePathOf(home, mount.subvolume.replace(/^\//, '')) === null
  ) {
    return undefined;
  }
  const folder = joined(mount.path, history.settings.get().snapshotFolder);
  return `${shell(['dendro', 'send', copy.mountedPath])} | ${shell(['dendro', 'receive', folder])}`;
}
