import { EXIT } from '../exit-codes.ts';
import { withService } from '../with-service.ts';
import { findPlan } from './find.ts';

/** The plan only: restore points stay. */
export async function removePlan(name: string): Promise<number> {
  await withService(async (client) => {
    const { planId } = await findPlan(client, name);
    await client.call('plans.delete', { planId });
  });
  return EXIT.ok;
}
