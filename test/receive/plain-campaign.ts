/**
 * As `hostile-campaign.ts`, into plain folders on one filesystem:
 *   node test/receive/plain-campaign.ts --filesystem ext4 --streams 5000 --seed 1
 */
import { parseArgs } from 'node:util';
import { FOREIGN, mountForeign } from './foreign-filesystem.ts';
import { PlainCanaries, receivePlainMutated } from './plain-canaries.ts';
import type { Making } from './spoilt-streams.ts';
import { atOnce, WithThread } from './trying.ts';

const { values } = parseArgs({
  options: {
    filesystem: { type: 'string', default: 'ext4' },
    streams: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    making: { type: 'string', default: 'spoilt' },
    threads: { type: 'boolean', default: false },
  },
});
const foreign = FOREIGN.find(({ name }) => name === values.filesystem);
if (foreign === undefined) throw new Error(`no such filesystem: ${values.filesystem}`);
const disk = mountForeign(foreign);
const threads = values.threads ? new WithThread() : undefined;
try {
  const canaries = new PlainCanaries(disk.dir, foreign.isPosix);
  const outcomes = new Map<string, number>();
  const slow: string[] = [];
  const tried = receivePlainMutated(
    canaries,
    Number(values.seed),
    Number(values.streams),
    values.making as Making,
    threads?.try ?? atOnce,
  );
  for (const { kind, code, tookMs, about } of tried) {
    outcomes.set(`${kind} ${code}`, (outcomes.get(`${kind} ${code}`) ?? 0) + 1);
    if (tookMs > 2000) slow.push(`${about}: ${Math.round(tookMs)} ms, ${kind} ${code}`);
  }
  const rows = [...outcomes].sort((a, b) => b[1] - a[1]);
  for (const [outcome, count] of rows) console.log(`${String(count).padStart(8)}  ${outcome}`);
  for (const line of slow) console.log(`slow: ${line}`);
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  if (threads) console.log(`${String(threads.handedOver).padStart(8)}  handed over to the thread`);
  console.log(`${values.streams} on ${foreign.name}; ${peakMiB} MiB; nothing outside touched`);
} catch (error) {
  // Before the disk, which may still be in use.
  console.log(error);
  process.exitCode = 1;
} finally {
  threads?.close();
  disk.close();
}
