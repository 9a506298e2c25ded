import type { ErrorData } from '../../../../shared/errors.ts';
import { assertNever, toErrorData } from '../../../../shared/errors.ts';
import { driveOf, type PlanTarget, type TargetOf } from '../../../../shared/model/plan-target.ts';
import type { Subvolume } from '../../../../shared/model/subvolume.ts';
import type { DriveLease } from '../../../drives/drives.ts';
import type { PlanRow } from '../../../history/plans.ts';
import { startBackup } from '../../backup/start-backup.ts';
import type { Context } from '../../context.ts';
import { folderOf, notePin } from '../pins/note-pin.ts';
import { pruneArchiveOf } from '../prune/prune-archive.ts';
import { pruneFarEnd } from '../prune/prune-far-end.ts';
import { pruneEach, type PruneAt } from '../prune/prune-each.ts';
import { pruneVolume } from '../prune/prune-volume.ts';
import type { SnapshotMade } from '../snapshot-sources.ts';
import { stderr } from '../../../linux/stderr.ts';
import { exportOne } from './export-one.ts';
import { sendOneOverSsh } from './send-over-ssh.ts';

type SendOne = (one: SnapshotMade) => Promise<ErrorData | undefined>;

/** How a target was served. */
export interface Served {
  /** The first of them; the others were tried all the same. */
  readonly error?: ErrorData | undefined;
  /** It is full, and what was deleted may have made the room for another try. */
  readonly hasMadeRoom?: boolean;
}

/**
 * Sends what was snapshotted to one target, one after the other, and then deletes there what the
 * rules no longer keep, all while the drive is held. Where the target is full that goes first,
 * and it is sent again: else a drive that was full once would stay so, whatever the rules say.
 */
export async function serveTarget(
  target: PlanTarget,
  made: readonly SnapshotMade[],
  plan: PlanRow,
  context: Context,
): Promise<Served> {
  const { mountDrive, ejectDrive } = plan.draft.options;
  const sendAndPrune = async (send: SendOne, at: PruneAt): Promise<Served> => {
    const prune = (full: boolean): Promise<boolean> => pruneEach(plan, target, at, context, full);
    let error = await all(made, send);
    const hasMadeRoom = error !== undefined && isFull(error) && (await prune(true));
    if (hasMadeRoom) error = await all(made, send);
    if (error === undefined) await prune(false);
    return { error, hasMadeRoom };
  };
  switch (target.kind) {
    case 'btrfs': {
      const serve = (): Promise<Served> =>
        sendAndPrune(
          (one) => sendOne(target, one, plan, context),
          (pruned) => pruneVolume(target, pruned, context),
        );
      return mountDrive || ejectDrive ? onDrive(target, plan, context, serve) : serve();
    }
    case 'archive':
      return onDrive(target, plan, context, (lease) =>
        sendAndPrune(
          (one) => exportOne(target, lease, one, plan, context),
          (pruned) => pruneArchiveOf(target, lease, pruned, context),
        ),
      );
    case 'ssh':
      return sendAndPrune(
        (one) => sendOneOverSsh(target, one, plan, context),
        (pruned) => pruneFarEnd(target, pruned, context),
      );
    default:
      return assertNever(target);
  }
}

/** No room is left, or none that a quota allows. */
export function isFull({ code }: ErrorData): boolean {
  return code === 'target-full';
}

/** Mounted for the run where the plan allows it, and put away after it as the plan wants it. */
async function onDrive<T>(
  target: PlanTarget,
  { draft }: PlanRow,
  { drives }: Context,
  use: (lease: DriveLease) => Promise<T>,
): Promise<T> {
  const { mountDrive, ejectDrive } = draft.options;
  const lease = await drives.mountFor(driveOf(target)!, {
    mayMount: mountDrive,
    afterRun: ejectDrive ? 'power-off' : 'unmount',
  });
  try {
    return await use(lease);
  } finally {
    // What was done on it stands: a drive that somebody looks at stays mounted, and is seen so.
    await lease.release().catch((error: unknown) => {
      stderr.write(`${lease.name}: ${toErrorData(error).message}\n`);
    });
  }
}

async function all(made: readonly SnapshotMade[], send: SendOne): Promise<ErrorData | undefined> {
  let first: ErrorData | undefined;
  for (const one of made) {
    const error = await send(one);
    first ??= error;
    if (error?.kind === 'Cancelled') break;
  }
  return first;
}

async function sendOne(
  target: TargetOf<'btrfs'>,
  one: SnapshotMade,
  { planId, draft }: PlanRow,
  context: Context,
): Promise<ErrorData | undefined> {
  const { source, snapshot } = one;
  const { volumeId, folder } = target;
  const { excludes } = draft;
  const request = { source, target: { volumeId, folder }, parent: 'best' as const, excludes };
  // What an earlier run left unfinished is finished first, then this snapshot is sent.
  let sentId: number | undefined;
  let received: string | null = null;
  while (sentId !== snapshot.subvolumeId) {
    const sent = (done: Subvolume): void => void (sentId = done.subvolumeId);
    const { runId } = await startBackup(request, context, { planId, snapshot, sent });
    const { error, result } = await context.runs.ended(runId);
    if (error) return error;
    received = result?.path ?? null;
  }
  notePin(target, one, received && folderOf(received), context);
  return undefined;
}
