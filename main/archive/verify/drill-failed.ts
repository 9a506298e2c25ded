import { corrupt, type DendroError } from '../../../shared/errors.ts';
import type { DrillReceipt } from '../../../shared/model/archive.ts';

/** What a run says whose restore drill did not pass. */
export function drillFailed({ failures }: DrillReceipt): DendroError {
  return corrupt('drill-failed', `${failures.length} files were not what was backed up.`, {
    hint: 'Look which files of the archive are damaged: dendro archive verify --full',
  });
}
