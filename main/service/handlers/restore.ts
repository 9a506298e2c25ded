import { conflict } from '../../../shared/errors.ts';
import { restoreRoute } from '../restore/restore-route.ts';
import { planRollback, startRollback } from '../restore/rollback.ts';
import { startRestore } from '../restore/start-restore.ts';
import type { Handlers } from './index.ts';

type Names =
  'restore.preview' | 'restore.start' | 'restore.undo' | 'rollback.plan' | 'rollback.start';

export const restoreHandlers: Pick<Handlers, Names> = {
  'restore.preview': async (request, context) => {
    const route = await restoreRoute(request, context);
    const plan = await context.withEngine((engine) => route.plan(engine));
    const { commandLine } = route;
    return { ...plan, items: [...plan.items], holders: [...plan.holders], commandLine };
  },

  'restore.start': async (request, context) => {
    const { runId } = await startRestore(request, context);
    return { runId };
  },

  'rollback.plan': planRollback,

  'rollback.start': async (request, context) => {
    const { runId } = await startRollback(request, context);
    return { runId };
  },

  'restore.undo': async ({ runId: named }, { history, withEngine }) => {
    const begin = history.runs.beginning(named);
    const { runId } = begin.length === 1 ? begin[0]! : history.runs.get(named);
    const restored = history.restores.of(runId);
    if (restored === undefined) {
      throw conflict('nothing-to-undo', 'This run has left nothing that could be undone.', {
        hint: 'Only a restore that ended well can be undone, once.',
      });
    }
    await withEngine((engine) => engine.run('undoRestore', restored));
    history.restores.forget(runId);
    return {};
  },
};
