import type { Retention, RetentionVerdict } from '../../shared/model/retention.ts';

export interface RetainedPoint {
  readonly takenAtMs: number;
  /** The source's own count when it was taken: of points of one moment the higher is the newer. */
  readonly ctransid?: number;
  /** Whose it is, where computers share a place that have the same source: a clone and its original. */
  readonly computer?: string | undefined;
  /** Why it must stay whatever the rule says: 'parent-of-next'. */
  readonly pins?: readonly string[];
}

export type PointVerdict<P> = RetentionVerdict & { readonly point: P };

const HOUR_MS = 3_600_000;
const PERIODS = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
type Period = (typeof PERIODS)[number];

/**
 * Grandfather, father, son: which points stay and why. A rule of N hourly points keeps the
 * newest point of each of the last N hours that have one; so gaps (a computer that was off)
 * never make it keep less. What a clock took that was ahead stays until its time has come, and
 * is counted by no rule: it would push out what is taken after the clock was put right, and a
 * clock that is behind now would have all else count as newer than what it takes. Verdicts are
 * in the order of the points given.
 */
export function retain<P extends RetainedPoint>(
  points: readonly P[],
  rule: Retention,
  nowMs: number,
): PointVerdict<P>[] {
  const newestFirst = points
    .filter((point) => point.takenAtMs <= nowMs)
    .sort((a, b) => b.takenAtMs - a.takenAtMs || (b.ctransid ?? 0) - (a.ctransid ?? 0));
  const reasons = new Map<P, string[]>(points.map((point) => [point, []]));
  for (const point of newestFirst.slice(0, rule.latest)) reasons.get(point)!.push('latest');
  for (const period of PERIODS) {
    for (const point of newestOfEach(newestFirst, period, rule[period])) {
      reasons.get(point)!.push(period);
    }
  }
  const youngerThan = nowMs - rule.minAgeHours * HOUR_MS;
  return points.map((point) => {
    const why = reasons.get(point)!;
    if (point.takenAtMs > nowMs) why.push('ahead-of-clock');
    else if (rule.minAgeHours > 0 && point.takenAtMs > youngerThan) why.push('min-age');
    why.push(...(point.pins ?? []));
    const keep = why.length > 0;
    return { point, takenAtMs: point.takenAtMs, keep, reasons: keep ? why : ['no-rule'] };
  });
}

/**
 * The same where clones of a computer may have points among them: of each as many stay as if the
 * others had none. What is not known to be of one of them counts with those of each, and stays as
 * long as it would with one of them.
 */
function retainOfEach<P extends RetainedPoint>(
  points: readonly P[],
  rule: Retention,
  nowMs: number,
): PointVerdict<P>[] {
  const computers = new Set(points.flatMap(({ computer }) => computer ?? []));
  if (computers.size < 2) return retain(points, rule, nowMs);
  const verdicts = new Map<P, PointVerdict<P>>();
  for (const one of computers) {
    const own = points.filter(({ computer }) => (computer ?? one) === one);
    for (const verdict of retain(own, rule, nowMs)) {
      if (verdicts.get(verdict.point)?.keep !== true) verdicts.set(verdict.point, verdict);
    }
  }
  return points.map((point) => verdicts.get(point)!);
}

/**
 * The same for points of which some cannot be restored: they stay as the rule says of all, but
 * take no other's place. Of those that can be, as many stay as if the others were not there.
 */
export function retainWhole<P extends RetainedPoint>(
  points: readonly P[],
  isWhole: (point: P) => boolean,
  rule: Retention,
  nowMs: number,
): PointVerdict<P>[] {
  const ofWhole = retainOfEach(points.filter(isWhole), rule, nowMs);
  const verdicts = new Map(ofWhole.map((verdict) => [verdict.point, verdict]));
  return retainOfEach(points, rule, nowMs).map((verdict) => verdicts.get(verdict.point) ?? verdict);
}

/**
 * What stays where several plans back up one source to one place: whatever any of their rules
 * keeps. The first rule is that of the plan in question; where only others keep a point, its
 * reasons say 'other-plan' too.
 */
export function keptByAny<P extends RetainedPoint>(
  [own, ...others]: readonly [Retention, ...Retention[]],
  verdictsBy: (rule: Retention) => readonly PointVerdict<P>[],
): PointVerdict<P>[] {
  const byOthers = others.map(verdictsBy);
  return verdictsBy(own).map((verdict, i) => {
    const keeping = byOthers.map((verdicts) => verdicts[i]!).filter(({ keep }) => keep);
    if (keeping.length === 0) return verdict;
    const mine = verdict.keep ? verdict.reasons : ['other-plan'];
    const reasons = [...new Set([...mine, ...keeping.flatMap((other) => other.reasons)])];
    return { ...verdict, keep: true, reasons };
  });
}

function newestOfEach<P extends RetainedPoint>(
  newestFirst: readonly P[],
  period: Period,
  count: number,
): P[] {
  const chosen: P[] = [];
  let last = '';
  if (count === 0) return chosen;
  for (const point of newestFirst) {
    const key = periodOf[period](new Date(point.takenAtMs));
    if (key === last) continue;
    if (chosen.length === count) break;
    chosen.push(point);
    last = key;
  }
  return chosen;
}

/** The same local period gives the same text, and no other does. */
const periodOf: Record<Period, (at: Date) => string> = {
  // The hour that daylight saving brings twice is two hours.
  hourly: (at) => `${day(at)} ${at.getHours()} ${at.getTimezoneOffset()}`,
  daily: day,
  weekly: (at) => day(monday(at)),
  monthly: (at) => `${at.getFullYear()}-${at.getMonth()}`,
  yearly: (at) => `${at.getFullYear()}`,
};

function day(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;
}

/** Weeks begin on Monday (ISO 8601). */
function monday(at: Date): Date {
  const start = new Date(at);
  start.setDate(at.getDate() - ((at.getDay() + 6) % 7));
  return start;
}
