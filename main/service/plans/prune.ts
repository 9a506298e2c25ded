import { printable } from '../../../shared/model/bytes-text.ts';
import type { PlanTarget, Retention } from '../../../shared/model/plan.ts';
import type { RestorePoint, Subvolume } from '../../../shared/model/subvolume.ts';
import type { PlanRow } from '../../history/plans.ts';
import { retain } from '../../plan/retention.ts';
import type { Context } from '../context.ts';
import { deleteSnapshot } from '../handlers/snapshots.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import { membersOf } from './members.ts';

/** One copy of a point, with what retention needs to know of it. */
interface Copy {
  readonly takenAtMs: number;
  readonly pins?: readonly string[];
  readonly known: KnownVolume;
  readonly subvolume: Subvolume;
}

/**
 * Deletes what the plan's rules no longer keep, at each place for itself. Only points that
 * Dendro itself made are touched, and never the newest one that source and target share: it is
 * the parent of the next backup. A drive that is away bars nothing.
 */
export async function prune(
  { planId, draft }: PlanRow,
  targets: readonly PlanTarget[],
  context: Context,
): Promise<void> {
  const { members } = await membersOf(draft.sources, context);
  const { volumes, subvolumes } = await context.points.look();
  for (const { subvolume } of members.filter((member) => member.subvolume.uuid !== null)) {
    const { volumeId } = subvolume;
    const points = context.points.list(volumes, subvolume.uuid!);
    const shared = sharedPoints(points, volumeId);
    const sides: { volumeId: string; rule: Retention }[] = [
      { volumeId, rule: draft.keepLocal },
      ...targets.map((target) => ({ volumeId: target.volumeId, rule: target.keep })),
    ];
    for (const side of sides) {
      const known = volumes.find(({ volume }) => volume.volumeId === side.volumeId);
      if (!known) continue;
      const copies = copiesOn(known, points, subvolumes, shared, context);
      const going = retain(copies, side.rule, context.nowMs()).filter((verdict) => !verdict.keep);
      const gone = going.map(({ point }) => point);
      if (gone.length > 0) await deleteAll(gone, planId, context);
    }
  }
}

/** The newest point that the source's volume shares with each other volume, present or away. */
function sharedPoints(points: readonly RestorePoint[], sourceVolume: string): ReadonlySet<string> {
  const newest = new Map<string, string>();
  for (const { pointId, copies } of points) {
    if (!copies.some((copy) => copy.volumeId === sourceVolume)) continue;
    for (const { volumeId } of copies) {
      if (volumeId !== sourceVolume && !newest.has(volumeId)) newest.set(volumeId, pointId);
    }
  }
  return new Set(newest.values());
}

function copiesOn(
  known: KnownVolume,
  points: readonly RestorePoint[],
  subvolumes: readonly Subvolume[],
  shared: ReadonlySet<string>,
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
    const pin = shared.has(pointId) ? { pins: ['parent-of-next'] } : {};
    return [{ takenAtMs, known, subvolume, ...pin }];
  });
}

async function deleteAll(copies: readonly Copy[], planId: string, context: Context): Promise<void> {
  const { name } = copies[0]!.known.volume;
  const { runId } = context.runs.start(
    {
      kind: 'prune',
      title: `Older points on ${name}`,
      steps: ['delete'],
      source: null,
      planId,
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
