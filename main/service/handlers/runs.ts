import type { Handlers } from './index.ts';

type Names = 'runs.list' | 'runs.get' | 'runs.log' | 'runs.cancel';

export const runHandlers: Pick<Handlers, Names> = {
  'runs.list': async (query, { history, runs }) => {
    const found = history.runs.list(query);
    // What runs here is newer than what is recorded of it.
    const live = new Map(runs.live.map((run) => [run.runId, run]));
    return { ...found, runs: found.runs.map((run) => live.get(run.runId) ?? run) };
  },
  'runs.get': async ({ runId }, { runs }) => runs.get(runId),
  'runs.log': async ({ runId, offset, limit }, { history }) =>
    history.runLog.list(runId, offset, limit),
  'runs.cancel': async ({ runId }, { runs }) => {
    runs.cancel(runId);
    return {};
  },
};
