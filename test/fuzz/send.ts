/**
 * `npm run fuzz:send -- --seeds N [--from S]`: random histories on a real btrfs, sent by Dendro,
 * received by the stock tool, compared. A failing seed is written down and told with its log.
 */
import { appendFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { kernelState } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { checkFilesystem } from './check-filesystem.ts';
import { proveElsewhere, runSeed, type SeedResult } from './send-seed.ts';
import { makeShape, shapes, type Shape } from './shapes.ts';

const SEEDS_PER_FILESYSTEM = 20;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      log: { type: 'string' },
    },
  });
  const state = kernelState();
  if (state.kind !== 'ready') throw new Error(`Nothing can be fuzzed here: ${state.reason}`);
  const from = Number(values.from);
  const last = from + Number(values.seeds) - 1;
  const failed: number[] = [];
  let streams = 0;
  const tell = (seed: number, shape: Shape, failure: string): void => {
    failed.push(seed);
    const text = `seed ${seed} ${JSON.stringify(shape)}: ${failure}\n\n`;
    if (values.log !== undefined) appendFileSync(values.log, text);
    console.log(text);
  };
  for (let seed = from; seed <= last;) {
    const block = Math.floor(seed / SEEDS_PER_FILESYSTEM);
    const shape = shapes[block % shapes.length]!;
    const source = makeShape(shape);
    const target = makeTarget();
    const results: SeedResult[] = [];
    try {
      for (; seed <= last && Math.floor(seed / SEEDS_PER_FILESYSTEM) === block; seed++) {
        const result = runSeed(source, target, seed);
        results.push(result);
        streams += result.streams;
        // All of a seed is synchronous: here a signal is heard, which takes the disks away.
        await setImmediate();
        if (result.failure !== '') tell(seed, shape, result.failure);
      }
      source.unmount();
      for (const result of results) {
        const failure = proveElsewhere(source, shape.spare ?? 0, result);
        if (failure !== '') tell(result.seed, shape, failure);
      }
      await checkTarget(target);
    } finally {
      source.close();
      target.close();
    }
    console.log(`to seed ${seed - 1}: ${streams} streams, failed: ${failed.join(' ') || 'none'}`);
  }
  if (failed.length > 0) process.exitCode = 1;
}

/** The largest blocks: what fits an item of the source fits one here. */
function makeTarget(): TestBtrfs {
  return makeBtrfs({ sizeMiB: 4096, mkfsArgs: ['-n', '65536'] });
}

/** What was received is sound, metadata and data. */
async function checkTarget(target: TestBtrfs): Promise<void> {
  run('btrfs', ['scrub', 'start', '-B', '-r', target.dir]);
  target.unmount();
  await checkFilesystem(target.device);
}

await main();
