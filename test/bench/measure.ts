import { closeSync, openSync, readFileSync } from 'node:fs';
import { startPipeline, type Argv } from '../harness/pipeline.ts';
import { dropCaches } from '../harness/drop-caches.ts';
import type { Contender, PreparedRow } from './row.ts';

export interface Measured {
  readonly seconds: number;
  /** Of the measured processes, user and system; the drain and kernel threads do not count. */
  readonly cpuSeconds: number;
  /** The largest of the pipeline's processes, as the kernel counts it (VmHWM). */
  readonly peakMiB: number;
}

export interface Pair {
  readonly ours: Measured;
  readonly theirs: Measured;
}

/**
 * Runs both in turn, so that what else the machine does falls on both alike.
 * @param dendro the launcher, for cold caches that hold the program itself
 */
export async function measurePairs(
  row: PreparedRow,
  caches: 'cold' | 'warm',
  count: number,
  dendro: string,
): Promise<readonly Pair[]> {
  const once = async (contender: Contender): Promise<Measured> => {
    row.reset?.();
    if (caches === 'cold') dropCaches(dendro);
    return measure(contender);
  };
  if (caches === 'warm') {
    await once(row.ours);
    await once(row.theirs);
  }
  const pairs: Pair[] = [];
  for (let index = 0; index < count; index++) {
    pairs.push({ ours: await once(row.ours), theirs: await once(row.theirs) });
  }
  return pairs;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

async function measure(contender: Contender): Promise<Measured> {
  const drain: readonly Argv[] = contender.isQuiet ? [] : [['cat']];
  const stdin = contender.stdin === undefined ? undefined : openSync(contender.stdin, 'r');
  const stdout = openSync('/dev/null', 'w');
  const started = performance.now();
  const pipeline = startPipeline([...contender.stages, ...drain], { stdin, stdout });
  const measured = pipeline.children.slice(0, contender.stages.length);
  const cpu = new Map<number | undefined, number>();
  let peakKiB = 0;
  const look = (): void => {
    for (const { pid } of measured) {
      peakKiB = Math.max(peakKiB, peakOf(pid));
      cpu.set(pid, Math.max(cpu.get(pid) ?? 0, cpuSecondsOf(pid)));
    }
  };
  const watch = setInterval(look, 20);
  try {
    await pipeline.done;
    return {
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: [...cpu.values()].reduce((sum, seconds) => sum + seconds, 0),
      peakMiB: peakKiB / 1024,
    };
  } finally {
    clearInterval(watch);
    if (stdin !== undefined) closeSync(stdin);
    closeSync(stdout);
  }
}

/** A high-water mark, so a sample shortly before the end is as good as one at the end. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  } catch {
    // It has ended.
    return 0;
  }
}

/** As of the last sample: a process that has ended has no file any more. */
function cpuSecondsOf(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Its own, and that of children that it has waited for; user and system each.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return ticks / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** USER_HZ of every Linux that Node runs on (`man 5 proc`). */
const TICKS_PER_SECOND = 100;
