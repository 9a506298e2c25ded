/**
 * Faults at random moments of a receive, and what comes after them:
 *   npm run danger -- --moments 200 --seed 1 --only "power cut"
 * `--seconds N` begins no further moment of a fault after so long.
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
    seconds: { type: 'string', default: 'Infinity' },
  },
});
const danger = new Danger(Number(values.seed));
try {
  await danger.calm();
  for (const fault of FAULTS) {
    if (values.only !== undefined && values.only !== fault) continue;
    let [resumed, restarted, late, done] = [0, 0, 0, 0];
    const until = performance.now() + Number(values.seconds) * 1000;
    while (done < Number(values.moments) && performance.now() < until) {
      const { resumedAt, isLate } = await danger.strike(fault);
      done += 1;
      if (isLate) late += 1;
      else if (resumedAt > 0) resumed += 1;
      else restarted += 1;
      if (done % 10 === 0) {
        console.error(`${fault}: ${done} (in the middle ${resumed}, whole ${late})`);
      }
    }
    console.log(
      `${fault}: ${done} moments; gone on in the middle ${resumed}, ` +
        `from the start ${restarted}, already whole ${late}; every result equal to the source`,
    );
  }
} finally {
  danger.close();
}
