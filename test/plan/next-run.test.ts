import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextRun, nextRuns } from '../../main/plan/next-run.ts';

const at = (text: string): number => new Date(text).getTime();
const zone = process.env['TZ'];
beforeAll(() => {
  process.env['TZ'] = 'Europe/Berlin';
});
afterAll(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

describe('the next run', () => {
  it('is strictly after the moment given', () => {
    const timing = { every: 'hour', minute: 0 } as const;
    expect(nextRun(timing, at('2026-11-22T14:00:00'))).toBe(at('2026-11-22T15:00:00'));
    expect(nextRun(timing, at('2026-11-22T13:59:59.999'))).toBe(at('2026-11-22T14:00:00'));
  });

  it('of minutes is counted from midnight and begins anew each day', () => {
    const timing = { every: 'minutes', minutes: 50 } as const;
    expect(nextRun(timing, at('2026-11-22T00:10:00'))).toBe(at('2026-11-22T00:50:00'));
    expect(nextRun(timing, at('2026-11-22T23:50:00'))).toBe(at('2026-11-23T00:00:00'));
  });

  it('of a week finds its day, over the end of a month', () => {
    const timing = { every: 'week', weekday: 2, hour: 3, minute: 30 } as const;
    expect(nextRun(timing, at('2026-11-25T12:00:00'))).toBe(at('2026-12-01T03:30:00'));
    expect(nextRun(timing, at('2026-12-01T03:29:00'))).toBe(at('2026-12-01T03:30:00'));
  });

  it('of a day comes once each day when clocks change', () => {
    const timing = { every: 'day', hour: 2, minute: 30 } as const;
    const spring = nextRuns([timing], at('2026-03-28T00:00:00'), 3).map((ms) => new Date(ms));
    expect(spring.map((date) => date.getDate())).toEqual([28, 29, 30]);
    const autumn = nextRuns([timing], at('2026-10-24T00:00:00'), 3).map((ms) => new Date(ms));
    expect(autumn.map((date) => date.getDate())).toEqual([24, 25, 26]);
  });

  it('of an hour keeps its minute through the hour that comes twice', () => {
    const timing = { every: 'hour', minute: 15 } as const;
    const runs = nextRuns([timing], at('2026-10-25T00:30:00'), 4);
    expect(runs.every((ms) => new Date(ms).getMinutes() === 15)).toBe(true);
    expect(runs.every((ms, i) => i === 0 || ms > runs[i - 1]!)).toBe(true);
  });
});
