import type { Damage } from './volume/damage.ts';

const KEPT = 1_000;
const noted: Damage[] = [];

/** Of a filesystem that was not unmounted: for people. */
export const LOG_WAITING =
  'It was not unmounted: what programs synced in the last seconds is in a log that the next mount replays, and is not seen here.';
const logs = new Set<string>();

/** Devices with a log of what programs synced last, which only a mount replays: it is not read. */
export function noteWaitingLog(device: string): void {
  logs.add(device);
}

/** Those noted since the last call. */
export function takeWaitingLogs(): readonly string[] {
  const all = [...logs];
  logs.clear();
  return all;
}

/** What was bad and healed on the way in this thread, whatever was read: for whoever tells it. */
export function noteDamage(damage: Damage): void {
  if (noted.length < KEPT && damage.uncertain !== true) noted.push(damage);
}

/** All that was noted since the last call. */
export function takeNotedDamages(): readonly Damage[] {
  return noted.splice(0);
}
