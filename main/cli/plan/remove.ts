import { EXIT } from '../exit-codes.ts';
import { printJson } from '../output.ts';
import type { PlanOptions } from '../plan.ts';
import { withService } from '../with-service.ts';
import { findPlan } from './find.ts';

/** The plan only: restore points stay. */
export async function removePlan({ json }: PlanOptions, name: string): Promise<number> {
  const planId = await withService(async (client) => {
    const { planId } = await findPlan(client, name);
    await client.call('plans.delete', { planId });
    return planId;
  });
  if (json) printJson({ planId });
  return EXIT.ok;
}
