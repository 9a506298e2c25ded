/**
 * `npm run bench -- send|receive|read|archive|find|history [row ...] [--pairs N] [--scale X] [--caches cold|warm]`:
 * Dendro beside the stock tool in pairs within one run. Prints a Markdown table of medians.
 */
import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { dendro } from './installed.ts';
import { kernelState } from '../harness/kernel.ts';
import { benchFind } from './find.ts';
import { benchHistory } from './history.ts';
import { measurePairs, median, type Pair } from './measure.ts';
import type { BenchRow, PreparedRow } from './row.ts';

const groups = ['send', 'receive', 'read', 'archive', 'find', 'history'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    caches: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const [group, ...chosen] = positionals;
  if (group === undefined || !groups.includes(group)) {
    throw new Error(`Say what to measure: npm run bench -- ${groups.join('|')} [row ...]`);
  }
  if (group === 'history') return benchHistory(Number(values.scale));
  const state = kernelState();
  if (state.kind !== 'ready') throw new Error(`Nothing can be measured here: ${state.reason}`);
  if (group === 'find') return benchFind(Number(values.scale), chosen);
  const { rows } = (await import(`./${group}.ts`)) as { rows: readonly BenchRow[] };
  const names = rows.map((row) => row.name);
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`No row ${unknown}. Rows: ${names.join(', ')}`);
  console.log(
    `${cpus()[0]?.model}, ${availableParallelism()} cores, Linux ${release()}, ` +
      `Node ${process.versions.node}, medians of ${values.pairs} pairs, scale ${values.scale}\n`,
  );
  console.log(
    '| work | caches | Dendro | stock | times as fast | by CPU time | goal | Dendro peak memory |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const row of rows) {
    if (chosen.length === 0 || chosen.includes(row.name)) await benchRow(row);
  }
}

async function benchRow(row: BenchRow): Promise<void> {
  const prepared = await row.prepare({
    dendro,
    scale: Number(values.scale),
  });
  try {
    for (const caches of row.caches ?? (['cold', 'warm'] as const)) {
      if (values.caches !== undefined && values.caches !== caches) continue;
      const pairs = await measurePairs(prepared, caches, Number(values.pairs), dendro);
      console.log(tableLine(row, prepared, caches, pairs));
    }
    const remark = prepared.remark?.();
    if (remark !== undefined) console.log(`| ${remark} | | | | | | | |`);
  } finally {
    prepared.close();
  }
}

function tableLine(
  row: BenchRow,
  prepared: PreparedRow,
  caches: string,
  pairs: readonly Pair[],
): string {
  const ours = median(pairs.map((pair) => pair.ours.seconds));
  const theirs = median(pairs.map((pair) => pair.theirs.seconds));
  const ratio = median(pairs.map((pair) => pair.theirs.seconds / pair.ours.seconds));
  // What the machine does besides does not count here: for a look at it when it is busy.
  const cpu = median(pairs.map((pair) => pair.theirs.cpuSeconds / pair.ours.cpuSeconds));
  const peak = Math.max(...pairs.map((pair) => pair.ours.peakMiB));
  const cells = [
    row.title,
    caches,
    showTime(ours, prepared),
    showTime(theirs, prepared),
    ratio.toFixed(2),
    cpu.toFixed(2),
    row.goal === undefined ? '' : `${row.goal}`,
    `${Math.ceil(peak)} MiB`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function showTime(seconds: number, { work }: PreparedRow): string {
  const time = `${seconds.toFixed(3)} s`;
  if (work === undefined) return time;
  const rate = Math.round(work.amount / seconds).toLocaleString('en');
  return `${time}, ${rate} ${work.unit}/s`;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
