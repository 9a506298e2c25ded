import type { Retention, RetentionVerdict } from '../../shared/model/schedule.ts';

export interface RetainedPoint {
  readonly takenAtMs: number;
  /** Why it must stay whatever the rule says, for example 'parent of the next backup'. */
  readonly pinned?: string;
}

type Period = Exclude<keyof Retention, 'latest'>;

/**
 * Grandfather, father, son: which points stay and why. A rule of N hourly points keeps the
 * newest point of each of the last N hours that have one; so gaps (a computer that was off)
 * never make it keep less. Verdicts are in the order of the points given.
 */
export function retain<P extends RetainedPoint>(
  points: readonly P[],
  rule: Retention,
): (RetentionVerdict & { point: P })[] {
  const newestFirst = [...points].sort((a, b) => b.takenAtMs - a.takenAtMs);
  const reasons = new Map<P, string[]>(points.map((point) => [point, []]));
  for (const point of newestFirst.slice(0, rule.latest)) reasons.get(point)!.push('latest');
  for (const period of Object.keys(periodOf) as Period[]) {
    for (const point of newestOfEach(newestFirst, period, rule[period])) {
      reasons.get(point)!.push(period);
    }
  }
  return points.map((point) => {
    const why = reasons.get(point)!;
    if (point.pinned !== undefined) why.push(point.pinned);
    return { point, takenAtMs: point.takenAtMs, keep: why.length > 0, reasons: why };
  });
}

/** The same local period gives the same text. */
const periodOf: Record<Period, (at: Date) => string> = {
  hourly: (at) => `${day(at)} ${at.getHours()} ${at.getTimezoneOffset()}`,
  daily: day,
  weekly: (at) => day(monday(at)),
  monthly: (at) => `${at.getFullYear()}-${at.getMonth()}`,
  yearly: (at) => `${at.getFullYear()}`,
};

function newestOfEach<P extends RetainedPoint>(
  newestFirst: readonly P[],
  period: Period,
  count: number,
): P[] {
  const chosen = new Map<string, P>();
  for (const point of newestFirst) {
    const key = periodOf[period](new Date(point.takenAtMs));
    if (chosen.has(key)) continue;
    if (chosen.size === count) break;
    chosen.set(key, point);
  }
  return [...chosen.values()];
}

function day(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;
}

/** Weeks begin on Monday (ISO 8601). */
function monday(at: Date): Date {
  const start = new Date(at);
  start.setDate(at.getDate() - ((at.getDay() + 6) % 7));
  return start;
}
