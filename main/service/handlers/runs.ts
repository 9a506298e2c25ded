import { calls } from '../../../shared/contract/calls.ts';
import { conflict, type DendroError } from '../../../shared/errors.ts';
import { backupHandlers } from './backup.ts';
import type { Handlers } from './index.ts';
import { planHandlers } from './plans.ts';
import { restoreHandlers } from './restore.ts';
import { verifyHandlers } from './verify.ts';

type Names = 'runs.list' | 'runs.get' | 'runs.log' | 'runs.cancel' | 'runs.repeat';

/** The calls whose runs can be asked for again. */
const REPEATABLE = {
  'backup.start': backupHandlers['backup.start'],
  'backup.export': backupHandlers['backup.export'],
  'restore.start': restoreHandlers['restore.start'],
  'verify.start': verifyHandlers['verify.start'],
};

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
  'runs.repeat': async ({ runId }, context) => {
    const { state, planId } = context.runs.get(runId);
    if (state === 'running') throw stillRunning();
    if (planId !== null) return planHandlers['plans.run']({ planId }, context);
    const { call, input } = context.history.runs.requestOf(runId) ?? {};
    if (!isRepeatable(call)) throw notRepeatable();
    // Another Dendro may have written it: what its call has become is what counts.
    const checked = calls[call].input.safeParse(input);
    if (!checked.success) throw notRepeatable();
    return REPEATABLE[call](checked.data as never, context);
  },
};

function isRepeatable(call: string | undefined): call is keyof typeof REPEATABLE {
  return call !== undefined && Object.hasOwn(REPEATABLE, call);
}

function stillRunning(): DendroError {
  return conflict('run-still-running', 'This run has not ended yet.', {
    hint: 'Wait until it has ended, or cancel it.',
  });
}

function notRepeatable(): DendroError {
  return conflict('run-not-repeatable', 'What this run was asked for is not known any more.', {
    hint: 'Begin it anew where it was begun: a backup at Home, a restore at Restore.',
  });
}
