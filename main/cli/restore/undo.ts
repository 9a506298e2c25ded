import { EXIT } from '../exit-codes.ts';
import { printLines } from '../output.ts';
import { withService } from '../with-service.ts';

/** @throws Conflict 'nothing-to-undo', 'changed-since' */
export async function undo(runId: string): Promise<number> {
  await withService((client) => client.call('restore.undo', { runId }));
  printLines(['Undone: what was restored is removed, what stood there is back.']);
  return EXIT.ok;
}
