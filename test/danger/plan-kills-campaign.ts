import { parseArgs } from 'node:util';
import { planKills } from './plan-kills.ts';

/** `npm run danger:plans -- --moments 100 --seed 1` */
const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});
const { killed, late, failures } = await planKills({
  moments: Number(values.moments),
  seed: Number(values.seed),
  log: (text) => process.stdout.write(`${text}\n`),
});
process.stdout.write(`${killed} killed, ${late} too late, ${failures.length} failures\n`);
for (const failure of failures) process.stdout.write(`${failure}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;
