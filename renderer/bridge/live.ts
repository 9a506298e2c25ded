import type { QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { CallName } from '../../shared/contract/calls.ts';
import type { Run } from '../../shared/model/run.ts';
import { coalesced } from './coalesced.ts';
import type { Connection } from './connection.ts';
import { forget } from './queries.ts';

/** A rate at a moment: x in epoch milliseconds, y in bytes a second. */
export interface RateSample {
  readonly x: number;
  readonly y: number;
}

/** Of each run so many samples are kept: a page that stays open for days does not grow. */
const MOST_SAMPLES = 600;
/** Of so many runs that ended, the newest. */
const MOST_ENDED = 50;
const NO_SAMPLES: readonly RateSample[] = [];

/** The runs in flight and those that ended while the page was open and were not put away. */
export class LiveRuns {
  #runs: readonly Run[] = [];
  readonly #putAway = new Set<string>();
  readonly #rates = new Map<string, readonly RateSample[]>();
  readonly #listeners = new Set<() => void>();

  get runs(): readonly Run[] {
    return this.#runs;
  }

  take(run: Run): void {
    this.#sample(run);
    if (this.#putAway.has(run.runId)) return;
    const known = this.#runs.findIndex((other) => other.runId === run.runId);
    if (known >= 0) this.#set(this.#runs.with(known, run));
    else this.#set(trimmed([run, ...this.#runs]));
  }

  /** How fast a run was, as long as this page looked. */
  rates(runId: string): readonly RateSample[] {
    return this.#rates.get(runId) ?? NO_SAMPLES;
  }

  /** What the service says is running now: others that we believed in have ended unseen. */
  settle(running: readonly Run[]): void {
    const alive = new Set(running.map((run) => run.runId));
    this.#set(this.#runs.filter((run) => run.state !== 'running' || alive.has(run.runId)));
    for (const run of running) this.take(run);
  }

  putAway(runId: string): void {
    this.#putAway.add(runId);
    this.#set(this.#runs.filter((run) => run.runId !== runId));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #sample({ runId, state, progress }: Run): void {
    if (state !== 'running') return;
    const before = this.#rates.get(runId) ?? NO_SAMPLES;
    const sample = { x: Date.now(), y: progress.bytesPerSecond };
    // When there are too many every second one goes: the whole run stays in the picture.
    const kept = before.length < MOST_SAMPLES ? before : before.filter((_, i) => i % 2 === 0);
    this.#rates.set(runId, [...kept, sample]);
    const [oldest] = this.#rates.keys();
    if (this.#rates.size > MOST_ENDED && oldest !== undefined) this.#rates.delete(oldest);
  }

  #set(runs: readonly Run[]): void {
    this.#runs = runs;
    for (const listener of [...this.#listeners]) listener();
  }
}

const LiveContext = createContext<LiveRuns | null>(null);
export const LiveProvider = LiveContext.Provider;

export function useLiveRuns(): LiveRuns {
  const live = useContext(LiveContext);
  if (!live) throw new Error('no live runs above this component');
  return live;
}

/** Runs as they are now; the component is drawn again when one moves. */
export function useRunsNow(): readonly Run[] {
  const live = useLiveRuns();
  return useSyncExternalStore(live.subscribe, () => live.runs);
}

/** The samples of a run's rate; drawn again when there is a new one. */
export function useRates(runId: string): readonly RateSample[] {
  const live = useLiveRuns();
  return useSyncExternalStore(live.subscribe, () => live.rates(runId));
}

function trimmed(runs: readonly Run[]): readonly Run[] {
  let ended = 0;
  return runs.filter((run) => run.state === 'running' || ++ended <= MOST_ENDED);
}

const ABOUT_VOLUMES: readonly CallName[] = [
  'volumes.list',
  'subvolumes.list',
  'points.list',
  'points.growth',
  'sources.list',
  'service.info',
  'drives.list',
];

/** Keeps runs and answers true to what the service tells; returns what stops it. */
export function follow(connection: Connection, queries: QueryClient, live: LiveRuns): () => void {
  const settle = async (): Promise<void> => {
    if (connection.state !== 'ready') return;
    await queries.invalidateQueries();
    const { runs } = await connection.call('runs.list', { state: 'running' });
    live.settle(runs);
  };
  const quietly = (work: Promise<unknown>): void => {
    // A line that breaks meanwhile is shown by the connection's own state.
    work.catch(() => undefined);
  };
  const forgetVolumes = coalesced(() => forget(queries, ABOUT_VOLUMES));
  const offs = [
    connection.onState(() => quietly(settle())),
    connection.on('run.changed', (run) => {
      live.take(run);
      queries.setQueryData(['runs.get', { runId: run.runId }], run);
      if (run.state === 'running') return;
      forgetVolumes();
      quietly(forget(queries, ['runs.list', 'update.get']));
    }),
    connection.on('volumes.changed', forgetVolumes),
    connection.on('plans.changed', () => quietly(forget(queries, ['plans.list']))),
    connection.on('drives.changed', () => quietly(forget(queries, ['drives.list', 'pins.list']))),
    connection.on('settings.changed', () =>
      quietly(forget(queries, ['settings.get', 'update.get'])),
    ),
  ];
  quietly(settle());
  return () => offs.forEach((off) => off());
}
