/**
 * `npm run bench -- history`: page calls on a history of 100,000 runs and 20,000 points (scale 1),
 * each one first after the start, again, and after another process wrote; then the same calls as a
 * page makes them of a service, which looks at the volumes of this computer as well. The goal is 50 ms.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHistory, type History } from '../../main/history/history.ts';
import { createService } from '../../main/service/service.ts';
import type { CallName } from '../../shared/contract/calls.ts';
import { makeLargeHistory, runId, uuid } from '../history/large-history.ts';
import { median } from './measure.ts';

const STARTS = 7;
const HERE = new Set(['here']);
const PART = { limit: 1_000, offset: 0 };
const PAGE = { limit: 100, offset: 0 };

interface Call {
  readonly name: string;
  readonly ask: (history: History, start: number) => unknown;
  /** The service has read the points by then, which it does when it starts. */
  readonly isReadAhead?: true;
}

const CALLS: readonly Call[] = [
  {
    name: 'points of one source',
    ask: (history, i) => history.points.list(HERE, uuid(1_000_000 + i)),
  },
  {
    name: 'a page of them',
    ask: (history, i) => history.points.page(HERE, uuid(1_000_000 + i), PART),
  },
  {
    name: 'sources, as Home asks',
    ask: (history) => history.points.sources(HERE, 120, Date.now()),
  },
  {
    name: 'the same, once the service has read them',
    ask: (history) => history.points.sources(HERE, 120, Date.now()),
    isReadAhead: true,
  },
  { name: 'all points', ask: (history) => history.points.list(HERE) },
  { name: 'a page of runs', ask: (history) => history.runs.list(PAGE) },
  { name: 'one run', ask: (history) => history.runs.get(runId(1)) },
];

/** Prints a Markdown table. */
export async function benchHistory(scale: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const path = join(folder, 'history.sqlite');
  try {
    makeLargeHistory(path, { runs: 100_000 * scale, points: 20_000 * scale });
    console.log('| call | first | again | after a change elsewhere |\n| --- | --- | --- | --- |');
    for (const call of CALLS)
      console.log(`| ${call.name} | ${(await cells(path, call)).join(' | ')} |`);
    await benchService(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SOURCE = { volumeId: uuid(1_000_003), subvolumeId: 0 };
const PAGE_CALLS: readonly (readonly [CallName, unknown])[] = [
  ['sources.list', { pointsEach: 1 }],
  ['points.list', { source: SOURCE, limit: 120 }],
  ['points.list', { source: SOURCE, limit: 1_000 }],
  ['points.list', { source: SOURCE, limit: 100, offset: 900 }],
  ['points.growth', { volumeId: 'drive' }],
  ['chain.get', { source: SOURCE }],
  ['runs.list', PAGE],
  ['runs.list', { ...PAGE, offset: 90_000 }],
  ['runs.list', { ...PAGE, state: 'failed' }],
  ['runs.list', { ...PAGE, text: 'home' }],
  ['runs.list', { ...PAGE, text: 'nowhere' }],
  ['runs.get', { runId: runId(50) }],
  ['runs.log', { runId: runId(50), ...PAGE }],
  ['plans.list', {}],
  ['pins.list', {}],
  ['volumes.list', {}],
  ['settings.get', {}],
];
/** A service has its threads and its points ready by then. */
const STARTED_MS = 5_000;

async function benchService(historyPath: string): Promise<void> {
  const service = createService({
    historyPath,
    version: 'bench',
    carrier: 'websocket',
    runPlans: true,
    planFile: null,
  });
  try {
    await new Promise((resolve) => setTimeout(resolve, STARTED_MS));
    console.log(
      '\n| call of a page | first | median of those after it (slowest) |\n| --- | --- | --- |',
    );
    for (const [name, input] of PAGE_CALLS) {
      const times: number[] = [];
      for (let i = 0; i <= STARTS; i += 1) {
        const start = performance.now();
        await service.call(name, input);
        times.push(performance.now() - start);
      }
      const [first, ...rest] = times;
      const again = `${median(rest).toFixed(1)} (${Math.max(...rest).toFixed(1)}) ms`;
      console.log(`| ${name} ${JSON.stringify(input)} | ${first!.toFixed(1)} ms | ${again} |`);
    }
  } finally {
    await service.close();
  }
}

async function cells(path: string, { ask, isReadAhead }: Call): Promise<string[]> {
  const times: [number[], number[], number[]] = [[], [], []];
  for (let start = 0; start < STARTS; start += 1) {
    const [history, other] = [openHistory(path), openHistory(path)];
    if (isReadAhead) await history.points.readAhead();
    times[0].push(timed(() => ask(history, start)));
    times[1].push(timed(() => ask(history, start)));
    other.points.tag(uuid(start), String(start));
    times[2].push(timed(() => ask(history, start)));
    history.close();
    other.close();
  }
  return times.map((some) => `${median(some).toFixed(1)} (${Math.max(...some).toFixed(1)}) ms`);
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
