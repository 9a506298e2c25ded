import type { Damage } from './volume/damage.ts';

const KEPT = 1_000;
const noted: Damage[] = [];

/** What was bad and healed on the way in this thread, whatever was read: for whoever tells it. */
export function noteDamage(damage: Damage): void {
  if (noted.length < KEPT && damage.uncertain !== true) noted.push(damage);
}

/** All that was noted since the last call. */
export function takeNotedDamages(): readonly Damage[] {
  return noted.splice(0);
}
