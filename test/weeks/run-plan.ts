import { inProcessClient } from '../../main/service/service.ts';
import { openService } from '../service/open-service.ts';

/**
 * Runs a plan in a process of its own, for `weeks.ts` to kill. Arguments: the history, the plan.
 * Says 'begun' with the first run.
 */
const [historyPath, planId] = process.argv.slice(2) as [string, string];
const service = openService(historyPath);
const client = inProcessClient(service);
let hasBegun = false;
client.on('run.changed', () => {
  if (!hasBegun) process.stdout.write('begun\n');
  hasBegun = true;
});
await client.call('plans.run', { planId });
await service.scheduler.idle();
await service.close();
process.exit(0);
