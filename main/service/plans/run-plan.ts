import { toErrorData } from '../../../shared/errors.ts';
import { LOCAL_PART } from '../../../shared/model/plan.ts';
import { targetKey } from '../../../shared/model/plan-target.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { PlanRow } from '../../history/plans.ts';
import { mayPass } from '../../plan/may-pass.ts';
import { retryDelayMs } from '../../plan/due.ts';
import type { Context } from '../context.ts';
import { pruneEach, type PruneAt } from './prune/prune-each.ts';
import { pruneVolume } from './prune/prune-volume.ts';
import { isFull, serveTarget, type Served } from './targets/serve-target.ts';
import { startSnapshots, type SnapshotMade } from './snapshot-sources.ts';

/** A plan that has begun: its first run, and its end. */
export interface PlanBegun {
  readonly run: Run;
  /** Resolves when all of it has ended; what failed is in the history and in the plan's parts. */
  readonly ended: Promise<void>;
}

/**
 * Snapshots of all sources first, then each target is sent to and pruned, then this computer is
 * pruned. From its begin until it ends well each part is noted as to be tried again: so what a
 * kill cut off begins anew at the next start.
 */
export function beginPlan(plan: PlanRow, keys: readonly string[], context: Context): PlanBegun {
  const { planId } = plan;
  const beganAtMs = context.nowMs();
  for (const key of keys) noteBegun(planId, key, beganAtMs, context);
  const made: SnapshotMade[] = [];
  const run = startSnapshots(plan, context, (one) => made.push(one));
  context.history.plans.ran(planId, run.runId, beganAtMs);
  context.hub.emit('plans.changed', {});
  const ended = carryOut(plan, keys, run, made, context).finally(() =>
    context.hub.emit('plans.changed', {}),
  );
  return { run, ended };
}

async function carryOut(
  plan: PlanRow,
  keys: readonly string[],
  { runId }: Run,
  made: readonly SnapshotMade[],
  context: Context,
): Promise<void> {
  const { planId, draft } = plan;
  const { error } = await context.runs.ended(runId);
  // Where not even a snapshot has room any more, what is no longer wanted makes it.
  const hasMadeRoom = error !== null && isFull(error) && (await pruneHere(plan, true, context));
  const here: Served = error ? { error, hasMadeRoom } : {};
  const note = (key: string, served: Served): void =>
    context.background.run('Noting how a plan went', () => noteEnded(planId, key, served, context));
  note(LOCAL_PART, here);
  const isStopped = made.length === 0 || error?.kind === 'Cancelled';
  const targets = draft.targets.filter((target) => keys.includes(targetKey(target)));
  for (const target of targets) {
    if (context.runs.isClosed) return;
    const failed = (thrown: unknown): Served => ({ error: toErrorData(thrown) });
    const served = isStopped ? here : await serveTarget(target, made, plan, context).catch(failed);
    // What could not be taken is not there either.
    note(targetKey(target), served.error ? served : here);
  }
  if (isStopped || context.runs.isClosed) return;
  await pruneHere(plan, false, context);
}

function pruneHere(plan: PlanRow, isHereFull: boolean, context: Context): Promise<boolean> {
  const keep = plan.draft.keepLocal;
  const prune: PruneAt = (pruned) =>
    pruneVolume({ volumeId: pruned.sourceVolumeId, keep, folder: null }, pruned, context);
  return pruneEach(plan, null, prune, context, isHereFull);
}

function noteBegun(planId: string, key: string, nowMs: number, { history }: Context): void {
  const part = partOf(planId, key, history.plans);
  if (part) {
    history.plans.setPart(planId, {
      ...part,
      lastRunAtMs: nowMs,
      retryAtMs: nowMs,
      waitsFor: null,
    });
  }
}

function noteEnded(
  planId: string,
  key: string,
  { error, hasMadeRoom = false }: Served,
  { history, nowMs, runs }: Context,
): void {
  const part = partOf(planId, key, history.plans);
  // Cut off by our own end: it stays noted as to be tried again.
  if (!part || runs.isClosed) return;
  const now = nowMs();
  if (error === undefined) {
    const good = { lastGoodAtMs: now, retryAtMs: null, failures: 0, waitsFor: null, error: null };
    history.plans.setPart(planId, { ...part, ...good });
  } else {
    const failures = part.failures + 1;
    const isWorthIt = mayPass(error) || hasMadeRoom;
    const retryAtMs = isWorthIt ? now + retryDelayMs(failures) : null;
    history.plans.setPart(planId, { ...part, failures, retryAtMs, error });
  }
}

function partOf(planId: string, key: string, plans: Context['history']['plans']) {
  const plan = plans.list().find((row) => row.planId === planId);
  return plan?.parts.find((part) => part.key === key);
}
