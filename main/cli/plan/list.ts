import type { Plan } from '../../../shared/model/plan.ts';
import { EXIT } from '../exit-codes.ts';
import { moment, printJson, printLines, tableOr } from '../output.ts';
import type { PlanOptions } from '../plan.ts';
import { withService } from '../with-service.ts';
import { timingText } from './timing-text.ts';
import { stderr } from '../../linux/stderr.ts';

export async function listPlans({ json }: PlanOptions): Promise<number> {
  const { plans, file } = await withService(async (client) => ({
    plans: await client.call('plans.list', {}),
    file: await client.call('plans.file', {}),
  }));
  if (json) printJson(plans);
  else {
    const header = ['PLAN', 'NAME', 'WHEN', 'LAST', 'NEXT', 'STATE'];
    const none = 'There is no plan yet. See: dendro plan add --help';
    printLines(tableOr(none, header, plans.map(row)));
  }
  if (file.error) stderr.write(`${file.error.message}\n  ${file.error.hint}\n`);
  return EXIT.ok;
}

function row(plan: Plan): string[] {
  return [
    plan.planId.slice(0, 8),
    plan.name,
    plan.when.map(timingText).join('; ') || 'by hand',
    plan.lastRunAtMs === null ? 'never' : moment(plan.lastRunAtMs),
    plan.nextRunAtMs === null ? '-' : moment(plan.nextRunAtMs),
    stateOf(plan),
  ];
}

/** What stands in its way, if anything does. */
function stateOf({ enabled, parts }: Plan): string {
  if (!enabled) return 'off';
  const failed = parts.find(({ error }) => error !== null);
  if (failed) return `failed (${failed.error!.code}, ${failed.failures} times)`;
  const waiting = parts.find(({ waitsFor }) => waitsFor !== null);
  return waiting ? `waits (${waiting.waitsFor})` : 'on';
}
