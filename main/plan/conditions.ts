import type { Conditions } from '../../shared/model/plan.ts';

/** What conditions are about. */
export interface Surroundings {
  /** True when the computer has no battery. */
  readonly onAcPower: boolean;
  /** The connection in use is paid by volume. */
  readonly metered: boolean;
  /** A screen is used to present or to watch. */
  readonly presenting: boolean;
}

export type Unmet = 'on-battery' | 'metered' | 'presenting' | 'quiet-hours';

/**
 * The first condition that does not hold now.
 * @param overNetwork the part sends to another computer: only that minds what a connection costs.
 */
export function unmetCondition(
  conditions: Conditions,
  nowMs: number,
  surroundings: Surroundings,
  overNetwork: boolean,
): Unmet | null {
  if (conditions.onAcPower && !surroundings.onAcPower) return 'on-battery';
  if (conditions.notMetered && overNetwork && surroundings.metered) return 'metered';
  if (conditions.notPresenting && surroundings.presenting) return 'presenting';
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
