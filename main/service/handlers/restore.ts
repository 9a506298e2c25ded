import { conflict } from '../../../shared/errors.ts';
import { restoreCommand } from '../command-line.ts';
import { restoreInput } from '../restore/restore-input.ts';
import { planRollback, startRollback } from '../restore/rollback.ts';
import { startRestore } from '../restore/start-restore.ts';
import type { Handlers } from './index.ts';

type Names =
  'restore.preview' | 'restore.start' | 'restore.undo' | 'rollback.plan' | 'rollback.start';

export const restoreHandlers: Pick<Handlers, Names> = {
  'restore.preview': async (request, context) => {
    const { input, point } = await restoreInput(request, context);
    const plan = await context.withEngine((engine) => engine.run('planRestore', input));
    const commandLine = restoreCommand(input, request.destination.kind, point.path);
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

  'restore.undo': async ({ runId }, { history, withEngine }) => {
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
