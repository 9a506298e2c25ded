import { parseArgs } from 'node:util';
import { playWeeks } from './weeks.ts';

/** `npm run weeks -- --seeds 10 --first 1 --deeds 60` */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    first: { type: 'string', default: '1' },
    deeds: { type: 'string', default: '60' },
  },
});
const first = Number(values.first);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
let failed = 0;
for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
  say(`seed ${seed}`);
  const deeds = Number(values.deeds);
  const { wrong } = await playWeeks({ seed, deeds, say: (text) => say(`  ${text}`) });
  if (wrong.length > 0) failed += 1;
  say(`seed ${seed}: ${wrong.length} wrong`);
}
say(`${failed} of ${values.seeds} seeds failed`);
process.exitCode = failed === 0 ? 0 : 1;
