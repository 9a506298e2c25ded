import { printable } from '../../../shared/model/bytes-text.ts';
import type { RestorePoint, Subvolume } from '../../../shared/model/subvolume.ts';
import type { ScheduleRow } from '../../history/schedules.ts';
import { retain } from '../../plan/retention.ts';
import type { Context } from '../context.ts';
import { deleteSnapshot } from '../handlers/snapshots.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';

/** One copy of a point, with what retention needs to know of it. */
interface Copy {
  readonly takenAtMs: number;
  readonly pinned?: string;
  readonly known: KnownVolume;
  readonly subvolume: Subvolume;
}

/**
 * Deletes what the schedule's rules no longer keep, on each side for itself. Only points that
 * Dendro itself made are touched, and never the newest one that source and target share: it is
 * the parent of the next backup. A drive that is away bars nothing.
 */
export async function prune({ scheduleId, draft }: ScheduleRow, context: Context): Promise<void> {
  const { volumes, subvolumes } = await context.points.look();
  const { volumeId, subvolumeId } = draft.source;
  const source = subvolumes.find(
    (one) => one.volumeId === volumeId && one.subvolumeId === subvolumeId,
  );
  if (!source?.uuid) return;
  const points = context.points.list(volumes, source.uuid);
  const shared = newestShared(points, volumeId, draft.target?.volumeId);
  const sides = [
    { volumeId, rule: draft.keepLocal },
    ...(draft.target ? [{ volumeId: draft.target.volumeId, rule: draft.keepTarget }] : []),
  ];
  for (const side of sides) {
    const known = volumes.find(({ volume }) => volume.volumeId === side.volumeId);
    if (!known) continue;
    const copies = copiesOn(known, points, subvolumes, shared, context);
    const going = retain(copies, side.rule).filter((verdict) => !verdict.keep);
    if (going.length > 0)
      await deleteAll(
        going.map(({ point }) => point),
        scheduleId,
        context,
      );
  }
}

function newestShared(
  points: readonly RestorePoint[],
  sourceVolume: string,
  targetVolume: string | undefined,
): string | undefined {
  const isOn = (point: RestorePoint, volumeId: string | undefined): boolean =>
    point.copies.some((copy) => copy.volumeId === volumeId);
  return points.find((point) => isOn(point, sourceVolume) && isOn(point, targetVolume))?.pointId;
}

function copiesOn(
  known: KnownVolume,
  points: readonly RestorePoint[],
  subvolumes: readonly Subvolume[],
  shared: string | undefined,
  { history }: Context,
): Copy[] {
  const { volumeId } = known.volume;
  const { snapshotFolder } = history.settings.get();
  return points.flatMap(({ pointId, takenAtMs, copies, backup }) => {
    const copy = copies.find((one) => one.volumeId === volumeId);
    const subvolume = subvolumes.find(
      (one) => one.volumeId === volumeId && one.subvolumeId === copy?.subvolumeId,
    );
    const isOurs = backup !== null || subvolume?.path.split('/').includes(snapshotFolder) === true;
    if (!subvolume || !isOurs) return [];
    const pin = pointId === shared ? { pinned: 'parent of the next backup' } : {};
    return [{ takenAtMs, known, subvolume, ...pin }];
  });
}

async function deleteAll(
  copies: readonly Copy[],
  scheduleId: string,
  context: Context,
): Promise<void> {
  const { name } = copies[0]!.known.volume;
  const { runId } = context.runs.start(
    {
      kind: 'prune',
      title: `Older points on ${name}`,
      steps: ['delete'],
      source: null,
      scheduleId,
      commandLine: '',
    },
    async (run) => {
      run.step('delete');
      run.plan(0, copies.length);
      for (const [i, { known, subvolume }] of copies.entries()) {
        run.cancel.check();
        await deleteSnapshot(known, subvolume, context);
        run.progress(0, i + 1, printable(subvolume.path));
      }
      context.hub.emit('volumes.changed', {});
      return { result: null, detail: `${copies.length} deleted` };
    },
  );
  await context.runs.ended(runId);
}
