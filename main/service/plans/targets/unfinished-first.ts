import type { ErrorData } from '../../../../shared/errors.ts';
import { placeId, targetKey, type PlanTarget } from '../../../../shared/model/plan-target.ts';
import type { SendRoute } from '../../../history/interrupted-sends.ts';
import type { Context } from '../../context.ts';
import type { SnapshotMade } from '../snapshot-sources.ts';

/**
 * For targets that themselves know how far a send came: what an earlier run began there and did
 * not finish goes first, for the same snapshot sent again goes on where it stopped. A cut line
 * or a drive that was pulled out leaves a snapshot to be finished; any other failure does not.
 */
export async function unfinishedFirst(
  target: PlanTarget,
  one: SnapshotMade,
  excludes: readonly string[],
  context: Context,
  send: (one: SnapshotMade) => Promise<ErrorData | undefined>,
): Promise<ErrorData | undefined> {
  const { interruptedSends } = context.history;
  const route = routeOf(target, one);
  const before = interruptedSends.get(route);
  const fingerprint = JSON.stringify(excludes);
  const known = before && before.fingerprint === fingerprint ? before : undefined;
  const snapshot = known && (await snapshotOf(known, one, context));
  const queue = snapshot ? [{ source: one.source, snapshot }, one] : [one];
  for (const next of queue) {
    interruptedSends.record({
      ...route,
      snapshotId: next.snapshot.subvolumeId,
      snapshotUuid: next.snapshot.uuid!,
      parentId: null,
      fingerprint,
      beganAtMs: context.nowMs(),
      leftoverKey: '',
    });
    const error = await send(next);
    const isToGoOn = error?.kind === 'Io' || context.runs.isClosed;
    if (!isToGoOn) interruptedSends.forget(route);
    if (error) return error;
  }
  return undefined;
}

function routeOf(target: PlanTarget, { source }: SnapshotMade): SendRoute {
  return {
    sourceVolumeId: source.volumeId,
    sourceSubvolumeId: source.subvolumeId,
    targetVolumeId: placeId(target),
    folder: targetKey(target),
  };
}

/** The snapshot that was begun with, when it is still there and is not the one of this run. */
async function snapshotOf(
  { snapshotId, snapshotUuid }: { readonly snapshotId: number; readonly snapshotUuid: string },
  { source, snapshot }: SnapshotMade,
  { volumes, points }: Context,
) {
  if (snapshotId === snapshot.subvolumeId) return undefined;
  const found = await points.subvolumes(await volumes.get(source.volumeId));
  return found.find(
    (one) => one.subvolumeId === snapshotId && one.uuid === snapshotUuid && one.readOnly,
  );
}
