import { afterEach, describe, expect, test } from 'vitest';
import { decide, type Candidate, type World } from '../../main/plan/decide.ts';
import { reanchored } from '../../main/plan/due.ts';
import { nextRun, nextRuns } from '../../main/plan/next-run.ts';
import { retain } from '../../main/plan/retention.ts';
import { LOCAL_PART, PlanDraft, type PlanPart, type Timing } from '../../shared/model/plan.ts';
import { latestOnly as none } from './latest-only.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

/** Jumps of an hour at night and at midnight, of half an hour, southern, and a zone without any. */
const ZONES = [
  ...['Europe/Berlin', 'America/New_York', 'America/Havana', 'Africa/Cairo', 'America/Santiago'],
  ...['Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Beirut', 'UTC'],
];
const FIRST = Date.UTC(2028, 0, 10);
const LAST = Date.UTC(2028, 11, 10);

function runsOf(timing: Timing): Date[] {
  const found: Date[] = [];
  for (let at: number | null = FIRST; ;) {
    const next: number | null = nextRun(timing, at);
    if (next === null || next > LAST) return found;
    expect(next).toBeGreaterThan(at);
    found.push(new Date(next));
    at = next;
  }
}

const dateOf = (at: Date): string => `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;

/** Days of the calendar from the first run to the last, whatever clocks do. */
function daysBetween(first: Date, last: Date): number {
  const day = (at: Date): number => Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  return (day(last) - day(first)) / DAY_MS + 1;
}

describe.each(ZONES)('over a leap year in %s', (name) => {
  test.each([
    ['midnight', 0, 0],
    ['an hour that is skipped and repeated', 2, 30],
    ['just before midnight', 23, 59],
  ])('every day at %s is once on each day', (_, hour, minute) => {
    process.env['TZ'] = name;
    const forms: Timing[] = [
      { every: 'day', hour, minute },
      { every: 'cron', expression: `${minute} ${hour} * * *` },
      { every: 'calendar', expression: `${hour}:${minute}` },
    ];
    for (const timing of forms) {
      const runs = runsOf(timing);
      expect(new Set(runs.map(dateOf)).size, timing.every).toBe(runs.length);
      expect(runs, timing.every).toHaveLength(daysBetween(runs[0]!, runs.at(-1)!));
    }
  });

  // The hour that comes twice in autumn was passed over the second time, as what is due once a day
  // has to be: no run of an hourly plan for two hours, and for 70 minutes of one of ten minutes.
  test('every hour is never more than an hour apart, and every 20 minutes never more than that', () => {
    process.env['TZ'] = name;
    // Where clocks change by half an hour, the next quarter past may be further away.
    const slack = name === 'Australia/Lord_Howe' ? 1.5 : 1;
    const most = slack * HOUR_MS;
    const apart = (timing: Timing): number => {
      const runs = runsOf(timing).map(Number);
      return Math.max(...runs.slice(1).map((at, i) => at - runs[i]!));
    };
    expect(apart({ every: 'hour', minute: 15 })).toBeLessThanOrEqual(most);
    expect(apart({ every: 'cron', expression: '15 * * * *' })).toBeLessThanOrEqual(most);
    for (const expression of ['hourly', '*:15']) {
      expect(apart({ every: 'calendar', expression }), expression).toBeLessThanOrEqual(most);
    }
    expect(apart({ every: 'minutes', minutes: 20 })).toBeLessThanOrEqual(20 * MINUTE_MS);
    expect(apart({ every: 'calendar', expression: '*:0/20' })).toBeLessThanOrEqual(
      slack * 20 * MINUTE_MS,
    );
  });

  test('every week is on its day, every month on its day or its last', () => {
    process.env['TZ'] = name;
    const weekly = runsOf({ every: 'week', weekday: 0, hour: 0, minute: 30 });
    expect(weekly.every((at) => at.getDay() === 0)).toBe(true);
    expect(weekly).toHaveLength(Math.ceil(daysBetween(weekly[0]!, weekly.at(-1)!) / 7));
    const monthly = runsOf({ every: 'month', day: 31, hour: 0, minute: 0 });
    expect(monthly).toHaveLength(11);
    for (const at of monthly) {
      expect(new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).getDate()).toBe(1);
    }
    expect(monthly.map(dateOf)).toContain('2028-2-29');
  });

  test('the hours and days that retention tells apart are those of the clock on the wall', () => {
    process.env['TZ'] = name;
    const rule = { ...none, daily: 10_000, hourly: 100_000 };
    const points = runsOf({ every: 'minutes', minutes: 30 }).map((at) => ({
      takenAtMs: Number(at),
    }));
    const kept = retain(points, rule, LAST).filter(({ keep }) => keep);
    const days = kept.filter(({ reasons }) => reasons.includes('daily'));
    const first = new Date(points[0]!.takenAtMs);
    expect(days).toHaveLength(daysBetween(first, new Date(points.at(-1)!.takenAtMs)));
    const hours = kept.filter(({ reasons }) => reasons.includes('hourly'));
    const elapsed = (points.at(-1)!.takenAtMs - points[0]!.takenAtMs) / HOUR_MS;
    expect(Math.abs(hours.length - elapsed)).toBeLessThanOrEqual(3);
  });
});

// In Greenland the last hour of a Saturday is skipped: from that hour of the Friday on, the day
// after was looked for an hour later, was the Sunday, and the Saturday had no run.
test.each(['America/Nuuk', 'America/Scoresbysund'])('a day that ends early, in %s', (name) => {
  process.env['TZ'] = name;
  const friday = new Date(2026, 2, 27, 23, 30).getTime();
  const saturday = new Date(2026, 2, 28, 10).getTime();
  expect(nextRun({ every: 'day', hour: 10, minute: 0 }, friday)).toBe(saturday);
  expect(nextRun({ every: 'week', weekday: 6, hour: 10, minute: 0 }, friday)).toBe(saturday);
  const midnight = new Date(2026, 2, 28).getTime();
  expect(nextRun({ every: 'minutes', minutes: 50 }, friday)).toBe(midnight);
  // What would be due in the hour that is skipped is due when it has been.
  expect(nextRun({ every: 'day', hour: 23, minute: 30 }, saturday)).toBe(
    new Date(2026, 2, 29, 0, 30).getTime(),
  );
});

test('the hour that comes twice, by the clock of a zone that the expression names', () => {
  process.env['TZ'] = 'UTC';
  const timing = { every: 'calendar', expression: '*:15 Europe/Berlin' } as const;
  const from = Date.UTC(2028, 9, 28, 23, 15);
  const expected = [1, 2, 3, 4, 5].map((hours) => from + hours * HOUR_MS);
  expect(nextRuns([timing], from, 5)).toEqual(expected);
  // What is due at one hour is due once.
  const once = { every: 'calendar', expression: '2:15 Europe/Berlin' } as const;
  expect(nextRun(once, from)).toBe(from + HOUR_MS);
  expect(nextRun(once, from + HOUR_MS)).toBe(from + 26 * HOUR_MS);
});

describe('points that a clock took that was wrong', () => {
  const now = Date.UTC(2026, 10, 30, 12);
  const point = (takenAtMs: number, ctransid: number) => ({ takenAtMs, ctransid });
  const stay = (points: { takenAtMs: number; ctransid: number }[], atMs: number, latest: number) =>
    retain(points, { ...none, latest }, atMs)
      .filter(({ keep }) => keep)
      .map(({ point: { ctransid } }) => ctransid)
      .sort((a, b) => a - b);

  // Once it was put right, each new point was older than those of 2031, and went as soon as it
  // was made: at a place that keeps the latest one, no backup was left but the one of 2031.
  test('a clock that was ahead: what is taken after it was put right stays', () => {
    const ahead = Date.UTC(2031, 0, 1);
    const points = [point(now - DAY_MS, 1), point(ahead, 2), point(ahead + HOUR_MS, 3)];
    expect(stay([...points, point(now, 4)], now, 1)).toEqual([2, 3, 4]);
    expect(stay([...points, point(now, 4), point(now + DAY_MS, 5)], now + DAY_MS, 2)).toEqual([
      2, 3, 4, 5,
    ]);
    // Why they stay is told, and no rule counts them.
    const verdicts = retain(points, { ...none, yearly: 1 }, now);
    expect(verdicts.map(({ reasons }) => reasons)).toEqual([
      ['latest', 'yearly'],
      ['ahead-of-clock'],
      ['ahead-of-clock'],
    ]);
  });

  // A computer without a battery for its clock wakes in 1970, until the network tells the time:
  // what it took then was older than all others, and went at once.
  test('a clock that is behind: what is there stays, and what is taken now', () => {
    const behind = Date.UTC(1970, 0, 2);
    const points = [point(now - DAY_MS, 1), point(now, 2), point(behind, 3)];
    expect(stay(points, behind + MINUTE_MS, 1)).toEqual([1, 2, 3]);
    // When it is right again the rules decide as ever.
    expect(stay([...points, point(now + DAY_MS, 4)], now + DAY_MS + 1, 2)).toEqual([2, 4]);
  });

  test('a time that comes twice, or a journey, makes no point go that the rule keeps', () => {
    process.env['TZ'] = 'Europe/Berlin';
    // 02:30 twice.
    const points = [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)].map((at, i) =>
      point(at, i),
    );
    const kept = retain(points, { ...none, hourly: 2 }, now).filter(({ keep }) => keep);
    expect(kept).toHaveLength(2);
    process.env['TZ'] = 'Pacific/Auckland';
    expect(retain(points, { ...none, hourly: 2 }, now).filter(({ keep }) => keep)).toHaveLength(2);
  });
});

describe('what is due when the clock is set, sleeps, or goes on a journey', () => {
  const draft = PlanDraft.parse({
    name: 'Home',
    enabled: true,
    sources: [{ volumeId: 'v', subvolumeId: 256 }],
    when: [{ every: 'day', hour: 18, minute: 0 }],
    keepLocal: none,
    targets: [],
  });
  const world: World = {
    ...{ onAcPower: true, metered: false, presenting: false },
    sourceIsHere: () => true,
    targetIsHere: () => true,
    happened: () => false,
  };
  const free = { plans: new Set<string>(), sources: new Set<string>(), putOff: new Map() };
  const partOf = (lastRunAtMs: number | null): PlanPart => ({
    ...{
      key: LOCAL_PART,
      lastRunAtMs,
      lastGoodAtMs: lastRunAtMs,
      failures: 0,
      retryAtMs: null,
      error: null,
      waitsFor: null,
    },
  });
  /** One look of the scheduler, as it is in `Scheduler.look`. */
  const begins = (part: PlanPart, nowMs: number): boolean => {
    const plan: Candidate = {
      ...{ planId: 'p', draft, createdAtMs: 0, parts: [reanchored(part, nowMs) ?? part] },
    };
    return decide([plan], nowMs, world, free, () => 0).begin.length > 0;
  };

  test('a week of sleep is made up for by one run', () => {
    process.env['TZ'] = 'Europe/Berlin';
    const monday = new Date('2026-10-19T18:00:10').getTime();
    const awake = monday + 7 * DAY_MS;
    expect(begins(partOf(monday), awake)).toBe(true);
    expect(begins(partOf(awake), awake + MINUTE_MS)).toBe(false);
    // It ran at 17:00 by the winter's clock, in place of 18:00: that is still due.
    expect(begins(partOf(awake), awake + HOUR_MS)).toBe(true);
  });

  test('a clock that is set back runs nothing twice, and waits no longer than a day', () => {
    process.env['TZ'] = 'UTC';
    const ran = Date.UTC(2031, 4, 5, 18);
    const now = Date.UTC(2026, 10, 30, 12);
    expect(begins(partOf(ran), now)).toBe(false);
    const anchored = reanchored(partOf(ran), now)!;
    expect(anchored.lastRunAtMs).toBe(now);
    expect(begins(anchored, Date.UTC(2026, 10, 30, 17, 59))).toBe(false);
    expect(begins(anchored, Date.UTC(2026, 10, 30, 18))).toBe(true);
  });

  test('a clock that is set forward runs once', () => {
    process.env['TZ'] = 'UTC';
    const ran = Date.UTC(2026, 10, 30, 18);
    expect(begins(partOf(ran), Date.UTC(2031, 0, 1))).toBe(true);
    expect(begins(partOf(Date.UTC(2031, 0, 1)), Date.UTC(2031, 0, 1, 1))).toBe(false);
  });

  test('a journey: at the hour of where one is', () => {
    process.env['TZ'] = 'Europe/Berlin';
    const ran = new Date('2026-11-30T18:00:00').getTime();
    process.env['TZ'] = 'America/New_York';
    expect(begins(partOf(ran), ran + 5 * HOUR_MS)).toBe(false);
    expect(begins(partOf(ran), new Date('2026-11-30T18:00:00').getTime())).toBe(true);
    process.env['TZ'] = 'Asia/Tokyo';
    expect(nextRuns(draft.when, ran, 1)).toEqual([new Date('2026-12-01T18:00:00').getTime()]);
  });
});
