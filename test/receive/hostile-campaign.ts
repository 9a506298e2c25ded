/**
 * Receives as many spoilt streams as wanted and looks after each whether anything around the
 * target has changed:  node test/receive/hostile-campaign.ts --streams 50000 --seed 1
 * With `--making composed` streams of commands that no sender puts together, with `--making long`
 * several of both with much data between; with `--threads` a second thread reads and checks them.
 */
import { parseArgs } from 'node:util';
import { makeBtrfs } from '../harness/loop.ts';
import { Canaries, receiveMutated } from './canaries.ts';
import type { Making } from './spoilt-streams.ts';
import { atOnce, WithThread } from './trying.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    making: { type: 'string', default: 'spoilt' },
    threads: { type: 'boolean', default: false },
  },
});
const volume = makeBtrfs({ sizeMiB: 1024 });
const threads = values.threads ? new WithThread() : undefined;
try {
  const outcomes = new Map<string, number>();
  let done = 0;
  const canaries = new Canaries(volume.dir);
  for (const { kind, code } of receiveMutated(
    canaries,
    Number(values.seed),
    Number(values.streams),
    values.making as Making,
    threads?.try ?? atOnce,
  )) {
    outcomes.set(`${kind} ${code}`, (outcomes.get(`${kind} ${code}`) ?? 0) + 1);
    done += 1;
    if (done % 1000 === 0) process.stderr.write(`${done} of ${values.streams}\n`);
  }
  const rows = [...outcomes].sort((a, b) => b[1] - a[1]);
  for (const [outcome, count] of rows) console.log(`${String(count).padStart(8)}  ${outcome}`);
  if (threads) console.log(`${String(threads.handedOver).padStart(8)}  handed over to the thread`);
  console.log(`${String(done).padStart(8)}  in all; nothing outside of the new snapshot touched`);
} finally {
  threads?.close();
  volume.close();
}
