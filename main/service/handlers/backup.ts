import { planBackup } from '../backup/plan-backup.ts';
import { startBackup } from '../backup/start-backup.ts';
import { planExport, startExport } from '../backup/start-export.ts';
import type { Handlers } from './index.ts';

type Names = 'backup.plan' | 'backup.start' | 'backup.planExport' | 'backup.export';

export const backupHandlers: Pick<Handlers, Names> = {
  'backup.plan': planBackup,
  'backup.start': async (request, context) => {
    const { runId } = await startBackup(request, context);
    return { runId };
  },
  'backup.planExport': planExport,
  'backup.export': async (request, context) => {
    const { runId } = await startExport(request, context);
    return { runId };
  },
};
