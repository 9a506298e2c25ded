import { printable } from '../../shared/model/bytes-text.ts';
import type { FarContact } from '../../shared/model/health.ts';
import { moment } from './output.ts';

/** `nas (last reached 2026-11-28 10:00)`: nobody has asked whether it is there this very moment. */
export function farWords({ name, reachedAtMs, failedAtMs }: FarContact): string {
  const reached =
    reachedAtMs === null ? 'never reached yet' : `last reached ${moment(reachedAtMs)}`;
  const failed = failedAtMs === null ? '' : `did not answer ${moment(failedAtMs)}, `;
  return `${printable(name)} (${failed}${reached})`;
}
