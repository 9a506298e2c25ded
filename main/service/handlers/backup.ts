import { planBackup } from '../backup/plan-backup.ts';
import { startBackup } from '../backup/start-backup.ts';
import type { Handlers } from './index.ts';

export const backupHandlers: Pick<Handlers, 'backup.plan' | 'backup.start'> = {
  'backup.plan': planBackup,
  'backup.start': async (request, context) => {
    const { runId } = await startBackup(request, context);
    return { runId };
  },
};
