import type { QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { CallName } from '../../shared/contract/calls.ts';
import type { Run } from '../../shared/model/run.ts';
import { coalesced } from './coalesced.ts';

import type { Connection } from './connection.ts';
import type { LiveRuns, RateSample } from './live-runs.ts';
import { forget } from './queries.ts';
import { onNewDay } from './today.ts';

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
    // What the service says of "now" was said of another day.
    onNewDay(() => quietly(settle())),
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
