import type { Client } from '../../../shared/contract/client.ts';
import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { Plan } from '../../../shared/model/plan.ts';

/** By name, id, or the beginning of an id. @throws Conflict 'plan-unknown', 'plan-ambiguous' */
export async function findPlan(client: Client, text: string): Promise<Plan> {
  const plans = await client.call('plans.list', {});
  const exact = plans.filter(({ name, planId }) => name === text || planId === text);
  const found = exact.length > 0 ? exact : plans.filter(({ planId }) => planId.startsWith(text));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw conflict(
      'plan-ambiguous',
      say`"${{ text }}" is the name of ${{ count: found.length }} plans.`,
      {
        hint: 'Use an id of: dendro plan list',
      },
    );
  }
  throw conflict('plan-unknown', say`There is no plan "${{ text }}".`, {
    hint: 'See: dendro plan list',
  });
}
