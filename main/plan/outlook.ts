import type { PlanOutlook, Timing } from '../../shared/model/plan.ts';
import type { Retention } from '../../shared/model/retention.ts';
import { nextOfAny, nextRuns } from './next-run.ts';
import { keptByAny, retain, type RetainedPoint } from './retention.ts';

const RUNS_SHOWN = 10;
/** How many runs ahead say how dense a plan is. */
const RUNS_MEASURED = 30;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * What will have been kept at `atMs`, were every run from now on to succeed. `existing` are the
 * points that are there today, which the rules of other plans may keep, too.
 */
export function outlookOf(
  when: readonly Timing[],
  keep: Retention,
  nowMs: number,
  atMs: number,
  existing: readonly RetainedPoint[] = [],
  others: readonly Retention[] = [],
): PlanOutlook {
  const future = [...futurePoints(when, keep, nowMs, atMs)].map((takenAtMs) => ({ takenAtMs }));
  const points = [...existing, ...future];
  const verdicts = keptByAny<RetainedPoint>([keep, ...others], (rule) =>
    retain(points, rule, atMs),
  );
  return {
    nextRunsAtMs: nextRuns(when, nowMs, RUNS_SHOWN),
    atMs,
    kept: verdicts
      .filter((verdict) => verdict.keep)
      .map(({ takenAtMs, reasons }) => ({ takenAtMs, keep: true, reasons })),
    gone: verdicts
      .slice(0, existing.length)
      .filter((verdict) => !verdict.keep)
      .map(({ takenAtMs, reasons }) => ({ takenAtMs, keep: false, reasons })),
  };
}

/**
 * The runs between now and then that retention could keep. Of long ago it keeps one a day or a
 * month: only the last runs of such a period are looked for, so that a plan for every minute is
 * seen years ahead as fast as one for every day.
 */
function* futurePoints(
  when: readonly Timing[],
  keep: Retention,
  nowMs: number,
  atMs: number,
): Generator<number> {
  const apartMs = widestGap([nowMs, ...nextRuns(when, nowMs, RUNS_MEASURED)]);
  let at = nextOfAny(when, nowMs);
  while (at !== null && at <= atMs) {
    yield at;
    const grain = grainAt(atMs - at, keep, apartMs);
    const next = nextOfAny(when, at);
    const endMs = grain === undefined ? 0 : endOf(grain, at);
    const finerMs = grain === undefined ? 0 : atMs - finerReach(grain, keep, apartMs);
    const lastMs = Math.min(endMs, finerMs) - 2 * apartMs;
    at = next !== null && next < lastMs ? nextOfAny(when, lastMs) : next;
  }
}

function widestGap(moments: readonly number[]): number {
  return moments.slice(1).reduce((most, at, i) => Math.max(most, at - moments[i]!), 0);
}

type Grain = 'hour' | 'day' | 'month';

/** How finely retention may look at points of that age; undefined: at each. */
function grainAt(ageMs: number, keep: Retention, apartMs: number): Grain | undefined {
  // Half as much again: periods without a point do not count.
  const reach = (count: number, periodMs: number): number =>
    1.5 * count * Math.max(periodMs, apartMs);
  if (ageMs <= reach(keep.latest, 0) || ageMs <= keep.minAgeHours * HOUR_MS) return undefined;
  if (ageMs <= reach(keep.hourly, HOUR_MS)) return 'hour';
  if (ageMs <= reach(keep.daily, DAY_MS) || ageMs <= reach(keep.weekly, 7 * DAY_MS)) return 'day';
  return 'month';
}

/** From this age down points are looked at more finely: nothing beyond it is leapt over. */
function finerReach(grain: Grain, keep: Retention, apartMs: number): number {
  const reach = (count: number, periodMs: number): number =>
    1.5 * count * Math.max(periodMs, apartMs);
  const each = Math.max(reach(keep.latest, 0), keep.minAgeHours * HOUR_MS);
  if (grain === 'hour') return each;
  const hours = Math.max(each, reach(keep.hourly, HOUR_MS));
  if (grain === 'day') return hours;
  return Math.max(hours, reach(keep.daily, DAY_MS), reach(keep.weekly, 7 * DAY_MS));
}

function endOf(grain: Grain, atMs: number): number {
  const at = new Date(atMs);
  if (grain === 'hour') return new Date(at).setHours(at.getHours() + 1, 0, 0, 0);
  const [month, day] = grain === 'day' ? [at.getMonth(), at.getDate() + 1] : [at.getMonth() + 1, 1];
  return new Date(at.getFullYear(), month, day).getTime();
}
