import type { ErrorData } from '../../../shared/errors.ts';
import type { PlanTarget } from '../../../shared/model/plan.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { PlanRow } from '../../history/plans.ts';
import { startBackup } from '../backup/start-backup.ts';
import type { Context } from '../context.ts';
import type { SnapshotMade } from './snapshot-sources.ts';

/**
 * Sends what was snapshotted to one target, one after the other. Returns the first error; the
 * others are tried all the same.
 */
export async function sendTo(
  target: PlanTarget,
  made: readonly SnapshotMade[],
  plan: PlanRow,
  context: Context,
): Promise<ErrorData | undefined> {
  if (plan.draft.options.mountDrive || plan.draft.options.ejectDrive) {
    return onDrive(target.volumeId, plan, context, () => sendAll(target, made, plan, context));
  }
  return sendAll(target, made, plan, context);
}

/** Mounted for the run where the plan allows it, and put away after it as the plan wants it. */
async function onDrive<T>(
  driveId: string,
  { draft }: PlanRow,
  { drives }: Context,
  use: () => Promise<T>,
): Promise<T> {
  const { mountDrive, ejectDrive } = draft.options;
  const lease = await drives.mountFor(driveId, {
    mayMount: mountDrive,
    afterRun: ejectDrive ? 'power-off' : 'unmount',
  });
  try {
    return await use();
  } finally {
    await lease.release();
  }
}

async function sendAll(
  target: PlanTarget,
  made: readonly SnapshotMade[],
  plan: PlanRow,
  context: Context,
): Promise<ErrorData | undefined> {
  let first: ErrorData | undefined;
  for (const one of made) {
    const error = await sendOne(target, one, plan, context);
    first ??= error;
    if (error?.kind === 'Cancelled') break;
  }
  return first;
}

async function sendOne(
  { volumeId, folder }: PlanTarget,
  { source, snapshot }: SnapshotMade,
  { planId }: PlanRow,
  context: Context,
): Promise<ErrorData | undefined> {
  const request = { source, target: { volumeId, folder }, parent: 'best' as const };
  // What an earlier run left unfinished is finished first, then this snapshot is sent.
  let sentId: number | undefined;
  while (sentId !== snapshot.subvolumeId) {
    const sent = (one: Subvolume): void => void (sentId = one.subvolumeId);
    const { runId } = await startBackup(request, context, { planId, snapshot, sent });
    const { error } = await context.runs.ended(runId);
    if (error) return error;
  }
  return undefined;
}
