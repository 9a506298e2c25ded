import type { Conditions } from '../../shared/model/plan.ts';

/** What conditions are about. */
export interface Surroundings {
  /** True when the computer has no battery. */
  readonly onAcPower: boolean;
}

export type Unmet = 'on-battery' | 'quiet-hours';

/** The first condition that does not hold now. */
export function unmetCondition(
  conditions: Conditions,
  nowMs: number,
  surroundings: Surroundings,
): Unmet | null {
  if (conditions.onAcPower && !surroundings.onAcPower) return 'on-battery';
  if (conditions.quietHours && isWithin(conditions.quietHours, nowMs)) return 'quiet-hours';
  return null;
}

/** From the first minute up to the last, past midnight where `to` comes before `from`. */
function isWithin({ from, to }: NonNullable<Conditions['quietHours']>, nowMs: number): boolean {
  const at = new Date(nowMs);
  const minutes = at.getHours() * 60 + at.getMinutes();
  const first = from.hour * 60 + from.minute;
  const end = to.hour * 60 + to.minute;
  return first <= end ? minutes >= first && minutes < end : minutes >= first || minutes < end;
}
