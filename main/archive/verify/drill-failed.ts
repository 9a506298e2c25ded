import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { counted, noted, say } from '../../../shared/said.ts';
import type { DrillReceipt } from '../../../shared/model/archive.ts';

/** What a run says whose restore drill did not pass. */
export function drillFailed({ failures }: DrillReceipt): DendroError {
  return corrupt(
    'drill-failed',
    say`${{ count: failures.length }} ${counted(failures.length, 'file was', 'files were')} not what was backed up.`,
    {
      hint: 'Look which files of the archive are damaged: dendro archive verify --full',
    },
  );
}

/** Of a drill whose receipt could not be left beside the archive. */
export const RECEIPT_NOT_ON_DRIVE = noted(
  'receipt-not-on-drive',
  'The drive of the archive cannot be written to: the receipt is in the history alone.',
);
