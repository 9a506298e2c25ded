import type { Client } from '../../../shared/contract/client.ts';
import { conflict } from '../../../shared/errors.ts';
import type { Plan } from '../../../shared/model/plan.ts';
import type { Run } from '../../../shared/model/run.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import { printJson, size } from '../output.ts';
import type { PlanOptions } from '../plan.ts';
import { withService } from '../with-service.ts';
import { findPlan } from './find.ts';
import { partNames } from './target-names.ts';
import { textOf } from '../../../shared/said.ts';
import { stderr } from '../../linux/stderr.ts';

export async function runPlan(options: PlanOptions, name: string): Promise<number> {
  return withService(async (client, onGone) => {
    const plan = await findPlan(client, name);
    const ended = untilEnded(client, plan);
    const killed = new Promise<never>((_, reject) => onGone(() => reject(gone())));
    // Who asks meanwhile is told by the answer that does not come.
    killed.catch(() => undefined);
    const beganAtMs = Date.now();
    const { runId } = await client.call('plans.run', { planId: plan.planId });
    // Only the daemon goes on without us.
    const { carrier } = await client.call('service.info', {});
    if (options['no-wait'] && carrier === 'socket') {
      if (options.json) printJson([await client.call('runs.get', { runId })]);
      return EXIT.ok;
    }
    const runs = await Promise.race([ended, killed]);
    const failed = runs.find((run) => run.error !== null);
    await tellLeftOut(client, plan, beganAtMs);
    if (options.json) printJson(runs);
    return failed ? exitCodeOf(failed.error!.kind) : EXIT.ok;
  });
}

/** The package manager goes on whatever becomes of the snapshot: the error is said, not more. */
export async function runBeforePackages({ json }: PlanOptions): Promise<number> {
  return withService(async (client) => {
    const { runIds } = await client.call('plans.packages', {});
    const runs = await Promise.all(runIds.map((runId) => client.call('runs.get', { runId })));
    runs.forEach(tell);
    if (json) printJson(runs);
    return EXIT.ok;
  });
}

/** The places that got nothing, because they are not here. */
async function tellLeftOut(client: Client, { planId }: Plan, beganAtMs: number): Promise<void> {
  const plan = (await client.call('plans.list', {})).find((one) => one.planId === planId);
  const leftOut = (plan?.parts ?? []).filter(({ lastRunAtMs }) => (lastRunAtMs ?? 0) < beganAtMs);
  if (plan === undefined || leftOut.length === 0) return;
  const names = await partNames(client, plan.targets);
  for (const { key } of leftOut) {
    stderr.write(`${plan.name} to ${names.get(key) ?? key}: not here, gets it later\n`);
  }
}

/** All runs of the plan from now on, when the plan says that it has ended. */
function untilEnded(client: Client, { planId }: Plan): Promise<Run[]> {
  const runs = new Map<string, Run>();
  return new Promise((resolve) => {
    client.on('run.changed', (run) => {
      if (run.planId !== planId) return;
      runs.set(run.runId, run);
      if (run.state !== 'running') tell(run);
    });
    client.on('plan.ended', (event) => {
      if (event.planId === planId) resolve([...runs.values()]);
    });
  });
}

function tell({ title, state, error, progress, kind }: Run): void {
  const what = kind === 'backup' ? `, ${size(progress.bytes)}` : '';
  const why = error === null ? what : `: ${error.message} ${error.hint}`;
  stderr.write(`${textOf(title)}: ${state}${why}\n`);
}

function gone(): Error {
  return conflict('service-gone', 'The service ended meanwhile; it goes on at its next start.', {
    hint: 'See what became of it: dendro history',
  });
}
