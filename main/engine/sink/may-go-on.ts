import { DendroError } from '../../../shared/errors.ts';

/** Damage on the way: the stream may be sent again. All else does not fit here. */
const STREAM_CODES = ['stream-cut-short', 'stream-checksum'];

/** Whether what was received before this error is worth keeping for a further run. */
export function mayGoOn(error: unknown): boolean {
  if (!(error instanceof DendroError)) return false;
  return ['Io', 'Cancelled'].includes(error.kind) || STREAM_CODES.includes(error.code);
}
