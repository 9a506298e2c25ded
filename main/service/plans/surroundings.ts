import type { Surroundings } from '../../plan/conditions.ts';
import { onAcPower } from '../../linux/power-supply.ts';

/** What the conditions of plans are about, as it is now. */
export function surroundings(): Surroundings {
  return { onAcPower: onAcPower() };
}
