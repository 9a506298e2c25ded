/**
 * Faults at random moments of a receive, and what comes after them:
 *   npm run danger -- --moments 200 --seed 1 --only "power cut"
 * After each, the next run must go on (or find it done) and end with a snapshot equal to its
 * source; nothing that is half may look whole.
 */
import { parseArgs } from 'node:util';
import { Danger, FAULTS } from './faults.ts';

const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const danger = new Danger(Number(values.seed));
try {
  await danger.calm();
  for (const fault of FAULTS) {
    if (values.only !== undefined && values.only !== fault) continue;
    let [resumed, restarted, late] = [0, 0, 0];
    for (let i = 0; i < Number(values.moments); i += 1) {
      const { resumedAt, isLate } = await danger.strike(fault);
      if (isLate) late += 1;
      else if (resumedAt > 0) resumed += 1;
      else restarted += 1;
      if ((i + 1) % 10 === 0) {
        console.error(`${fault}: ${i + 1} (in the middle ${resumed}, whole ${late})`);
      }
    }
    console.log(
      `${fault}: ${values.moments} moments; gone on in the middle ${resumed}, ` +
        `from the start ${restarted}, already whole ${late}; every result equal to the source`,
    );
  }
} finally {
  danger.close();
}
