import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlookOf } from '../../main/plan/outlook.ts';
import { keptByAny, retain, retainWhole } from '../../main/plan/retention.ts';
import { yielding } from '../../main/plan/pressure.ts';
import { latestOnly as none } from './latest-only.ts';

const HOUR_MS = 3_600_000;
const start = new Date('2026-01-01T00:30:00').getTime();
/** After all points. */
const now = start + 40_000 * HOUR_MS;
const hourlyPoints = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ takenAtMs: start + i * HOUR_MS }));

describe('retention', () => {
  it('keeps the newest of each of the last days, and says why', () => {
    const verdicts = retain(hourlyPoints(72), { ...none, daily: 2 }, now);
    const kept = verdicts.filter((verdict) => verdict.keep);
    expect(kept.map((verdict) => verdict.reasons)).toEqual([['daily'], ['latest', 'daily']]);
    expect(new Date(kept[0]!.takenAtMs).getHours()).toBe(23);
  });

  it('counts periods that have points: a month away loses nothing', () => {
    const points = [0, 24, 24 * 40, 24 * 41].map((h) => ({ takenAtMs: start + h * HOUR_MS }));
    expect(retain(points, { ...none, daily: 4 }, now).every((verdict) => verdict.keep)).toBe(true);
  });

  // Streams that were imported out of one file have its time: the older one stayed.
  it('of points of one moment the one that was taken later stays', () => {
    const points = [3, 7, 5].map((ctransid) => ({ takenAtMs: start, ctransid }));
    for (const given of [points, [...points].reverse()]) {
      const kept = retain(given, none, now).filter((verdict) => verdict.keep);
      expect(kept.map(({ point }) => point.ctransid)).toEqual([7]);
    }
  });

  it('never drops a pinned point', () => {
    const points = [{ takenAtMs: start, pins: ['parent'] }, ...hourlyPoints(10).slice(1)];
    expect(retain(points, none, now)[0]).toMatchObject({ keep: true, reasons: ['parent'] });
  });

  it('always keeps the newest, never more than the rule adds up to, and is stable', () => {
    const rule = fc.record({
      latest: fc.integer({ min: 1, max: 5 }),
      hourly: fc.integer({ min: 0, max: 5 }),
      daily: fc.integer({ min: 0, max: 5 }),
      weekly: fc.integer({ min: 0, max: 5 }),
      monthly: fc.integer({ min: 0, max: 5 }),
      yearly: fc.integer({ min: 0, max: 3 }),
      minAgeHours: fc.constant(0),
      minFreePercent: fc.constant(0),
    });
    const moments = fc.uniqueArray(fc.integer({ min: 0, max: 30_000 }), { minLength: 1 });
    fc.assert(
      fc.property(rule, moments, (keep, hours) => {
        const points = hours.map((h) => ({ takenAtMs: start + h * HOUR_MS }));
        const kept = retain(points, keep, now).filter((verdict) => verdict.keep);
        const newest = Math.max(...points.map((point) => point.takenAtMs));
        expect(kept.some((verdict) => verdict.takenAtMs === newest)).toBe(true);
        const most = Object.values(keep).reduce((sum, n) => sum + n, 0);
        expect(kept.length).toBeLessThanOrEqual(most);
        const again = retain(
          kept.map(({ point }) => point),
          keep,
          now,
        );
        expect(again.every((verdict) => verdict.keep)).toBe(true);
      }),
    );
  });

  it('a preview shows what two years will leave', () => {
    const rule = { ...none, hourly: 24, daily: 30, monthly: 12 };
    const later = start + 2 * 365 * 24 * HOUR_MS;
    const preview = outlookOf([{ every: 'hour', minute: 0 }], rule, start, later);
    expect(preview.nextRunsAtMs).toHaveLength(10);
    expect(preview.kept.length).toBeGreaterThanOrEqual(60);
    expect(preview.kept.length).toBeLessThanOrEqual(24 + 30 + 12 + 1);
  });

  it('shows every day that will be kept: it once leapt from the beginning of a month to its end', () => {
    const nowMs = new Date('2026-11-28T08:00:00').getTime();
    const atMs = new Date('2026-12-28T08:00:00').getTime();
    const daily = [{ every: 'day', hour: 9, minute: 0 }] as const;
    const { kept } = outlookOf(daily, { ...none, daily: 9 }, nowMs, atMs);
    expect(kept).toHaveLength(9);
  });

  it('of computers that share a place keeps of each what it would keep of it alone', () => {
    const computers = [undefined, 'a', 'b', 'a', 'b', 'a'];
    const points = hourlyPoints(6).map((point, i) => ({ ...point, computer: computers[i] }));
    const kept = (rule: Partial<typeof none>, all = points): number[] =>
      retainWhole(all, () => true, { ...none, ...rule }, now).flatMap(({ keep }, i) =>
        keep ? [i] : [],
      );
    expect(kept({ latest: 1 })).toEqual([4, 5]);
    expect(kept({ latest: 2 })).toEqual([2, 3, 4, 5]);
    // The first may be of either: of the one that has fewer it is the third.
    expect(kept({ latest: 3 })).toEqual([0, 1, 2, 3, 4, 5]);
    const ofOne = points.map((point, i) => ({ ...point, computer: i < 3 ? undefined : 'a' }));
    expect(kept({ latest: 2 }, ofOne)).toEqual([4, 5]);
  });
});

// The rule of whichever plan ran last held for all: the snapshots of an hourly plan went whenever
// a weekly one that keeps one had run.
describe('the rules of several plans', () => {
  const points = hourlyPoints(72);
  const by = (rules: Parameters<typeof keptByAny>[0]) =>
    keptByAny(rules, (rule) => retain(points, rule, now));

  it('keep together what any of them keeps, and say when it is another', () => {
    const kept = by([none, { ...none, daily: 2 }]).filter((verdict) => verdict.keep);
    expect(kept.map((verdict) => verdict.reasons)).toEqual([
      ['other-plan', 'daily'],
      ['latest', 'daily'],
    ]);
  });

  it('are the rule of the one where there is only one', () => {
    expect(by([{ ...none, hourly: 5 }])).toEqual(retain(points, { ...none, hourly: 5 }, now));
  });

  it('yield to want of room only where no other plan keeps a point among its newest', () => {
    const ages = yielding(
      by([
        { ...none, hourly: 4 },
        { ...none, latest: 2, daily: 2 },
      ]),
    ).map(({ takenAtMs }) => (takenAtMs - start) / HOUR_MS);
    expect(ages).toEqual([47, 68, 69]);
  });
});
