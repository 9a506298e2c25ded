import { toErrorData } from '../../../../shared/errors.ts';
import { noted, say } from '../../../../shared/said.ts';
import { hostOf, placeId, type TargetOf } from '../../../../shared/model/plan-target.ts';
import type { RestorePoint } from '../../../../shared/model/subvolume.ts';
import type { FarSubvolume } from '../../../engine/wire/index.ts';
import { missingBytes, yielding } from '../../../plan/pressure.ts';
import { keptByAny, retain } from '../../../plan/retention.ts';
import type { Context } from '../../context.ts';
import { isIn, recordFarEnd } from '../targets/record-place.ts';
import { sshTargetOf } from '../targets/send-over-ssh.ts';
import { roomSentence } from './prune-volume.ts';
import { deleteEach, rulesOf, type Pruned } from './prune-each.ts';
import { olderOn } from '../../../runs/titles.ts';
import { stderr } from '../../../linux/stderr.ts';

interface FarCopy {
  readonly takenAtMs: number;
  readonly pins: readonly string[];
  readonly far: FarSubvolume;
}

/**
 * Points of the source in a folder on another computer: only those that backups of this one
 * made. How much a deletion frees is not known from here: for want of room one point goes a run.
 */
export async function pruneFarEnd(
  target: TargetOf<'ssh'>,
  pruned: Pruned,
  context: Context,
): Promise<boolean> {
  const input = { target: sshTargetOf(target) };
  // The backup itself was fine: what is in the way now is looked at again after the next one.
  const far = await context
    .withEngine((engine) => engine.run('farEnd', input))
    .catch((error: unknown) => {
      stderr.write(`${target.url}: ${toErrorData(error).message}\n`);
      return undefined;
    });
  if (!far) return false;
  const mine = far.subvolumes.filter((one) => isIn(target, one.path));
  const copies = copiesOf(mine, pruned, context);
  const verdicts = keptByAny(rulesOf(target.keep, placeId(target), pruned), (rule) =>
    retain(copies, rule, context.nowMs()),
  );
  const going = verdicts.filter(({ keep }) => !keep).map(({ point }) => point.far);
  const isTight =
    going.length === 0 && missingBytes(target.keep, far.freeBytes, far.totalBytes) > 0;
  const forRoom = isTight
    ? yielding(verdicts)
        .slice(0, 1)
        .map(({ point }) => point.far)
    : [];
  if (going.length + forRoom.length === 0) return false;
  const isDone = await removeAll(target, going, forRoom, pruned, context);
  const left = new Set([...going, ...forRoom]);
  const subvolumes = far.subvolumes.filter((one) => !left.has(one));
  if (isDone) recordFarEnd(target, { subvolumes }, context);
  return isDone;
}

function copiesOf(
  subvolumes: readonly FarSubvolume[],
  { points, pins }: Pruned,
  { history }: Context,
): FarCopy[] {
  const known = new Map<string, RestorePoint>(points.map((point) => [point.pointId, point]));
  return subvolumes.flatMap((far) => {
    const { receivedUuid, readOnly, whole, uuid } = far;
    if (receivedUuid === null || uuid === null || !readOnly || !whole) return [];
    const pointId = history.sentWithout.get(receivedUuid)?.pointId ?? receivedUuid;
    const point = known.get(pointId);
    if (!point?.backup) return [];
    return [{ takenAtMs: point.takenAtMs, pins: pins.get(pointId) ?? [], far }];
  });
}

async function removeAll(
  target: TargetOf<'ssh'>,
  going: readonly FarSubvolume[],
  forRoom: readonly FarSubvolume[],
  { plan }: Pruned,
  context: Context,
): Promise<boolean> {
  const all = [...going, ...forRoom];
  const { runId } = context.runs.start(
    {
      kind: 'prune',
      title: olderOn(hostOf(target)),
      steps: ['delete'],
      source: null,
      planId: plan.planId,
      commandLine: '',
    },
    async (run) => {
      run.step('delete');
      if (forRoom.length > 0) run.note(roomSentence(forRoom.length, false));
      const pathOf = ({ path }: FarSubvolume): string => path;
      await deleteEach(all, run, pathOf, async ({ uuid }) => {
        const input = { target: sshTargetOf(target), uuid: uuid! };
        await context.withEngine((engine) =>
          engine.run('removeOverSsh', input, { cancel: run.cancel }),
        );
      });
      return { result: null, detail: noted('deleted', say`${{ count: all.length }} deleted`) };
    },
  );
  return (await context.runs.ended(runId)).error === null;
}
