import type { QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { CallName } from '../../shared/contract/calls.ts';
import type { Run } from '../../shared/model/run.ts';
import type { Connection } from './connection.ts';
import { forget } from './queries.ts';

/** The runs in flight and those that ended while the page was open and were not put away. */
export class LiveRuns {
  #runs: readonly Run[] = [];
  readonly #putAway = new Set<string>();
  readonly #listeners = new Set<() => void>();

  get runs(): readonly Run[] {
    return this.#runs;
  }

  take(run: Run): void {
    if (this.#putAway.has(run.runId)) return;
    const known = this.#runs.findIndex((other) => other.runId === run.runId);
    if (known >= 0) this.#set(this.#runs.with(known, run));
    else this.#set([run, ...this.#runs]);
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

const ABOUT_VOLUMES: readonly CallName[] = [
  'volumes.list',
  'subvolumes.list',
  'points.list',
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
  const offs = [
    connection.onState(() => quietly(settle())),
    connection.on('run.changed', (run) => {
      live.take(run);
      queries.setQueryData(['runs.get', { runId: run.runId }], run);
      if (run.state !== 'running') quietly(forget(queries, [...ABOUT_VOLUMES, 'runs.list']));
    }),
    connection.on('volumes.changed', () => quietly(forget(queries, ABOUT_VOLUMES))),
    connection.on('plans.changed', () => quietly(forget(queries, ['plans.list']))),
    connection.on('drives.changed', () => quietly(forget(queries, ['drives.list']))),
    connection.on('settings.changed', () => quietly(forget(queries, ['settings.get']))),
  ];
  quietly(settle());
  return () => offs.forEach((off) => off());
}
