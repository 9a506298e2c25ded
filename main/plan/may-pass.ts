import type { ErrorData } from '../../shared/errors.ts';

/** What is in the way now and may be gone in a while, whatever its kind. */
const PASSING = new Set(['not-mounted', 'volume-unknown', 'busy', 'history-locked', 'exists']);
/** Errors of devices and pipes that stay until somebody acts. */
const STAYING = new Set(['target-full', 'host-key']);

/** Whether it makes sense to try again by itself: drives and networks come back. */
export function mayPass({ kind, code }: ErrorData): boolean {
  return (kind === 'Io' && !STAYING.has(code)) || PASSING.has(code);
}
