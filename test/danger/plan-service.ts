import { createService, inProcessClient } from '../../main/service/service.ts';

/**
 * A service that carries plans out, as `dendro daemon` does, for `plan-kills.ts` to kill.
 * Arguments: the history, how far its clock is ahead in ms, and 'finish' to end by itself once
 * a plan has ended well. Says 'begun' with the first run, 'ended' when the plan has ended.
 */
const [historyPath, aheadMs, mode] = process.argv.slice(2) as [string, string, string];
const service = createService({
  historyPath,
  version: 'test',
  carrier: 'socket',
  runPlans: true,
  nowMs: () => Date.now() + Number(aheadMs),
});
const client = inProcessClient(service);
const say = (word: string): boolean => process.stdout.write(`${word}\n`);
let hasBegun = false;
client.on('run.changed', () => {
  if (!hasBegun) say('begun');
  hasBegun = true;
});
client.on('plan.ended', () => {
  say('ended');
  if (mode === 'finish') void service.close().then(() => process.exit(0));
});
// Only listeners: something has to keep the process.
setInterval(() => undefined, 1_000);
