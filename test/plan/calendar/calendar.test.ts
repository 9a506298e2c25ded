import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextElapse } from '../../../main/plan/calendar/next-elapse.ts';
import { parseCalendar } from '../../../main/plan/calendar/parse-calendar.ts';
import { expressions } from './expressions.ts';
import { BASE_S, golden } from './golden.ts';
import { askSystemd, hasSystemd, type Answer } from './systemd.ts';

const zone = process.env['TZ'];
beforeAll(() => {
  process.env['TZ'] = 'UTC';
});
afterAll(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

/** In whole seconds, as systemd prints them. */
function answered(expression: string, baseS: number): Answer {
  try {
    const calendar = parseCalendar(expression);
    const elapses: number[] = [];
    for (let at: number | null = baseS * 1_000; elapses.length < 3;) {
      at = nextElapse(calendar, at);
      if (at === null) break;
      elapses.push(Math.floor(at / 1_000));
    }
    return { expression, elapses };
  } catch (error) {
    expect(error).toMatchObject({ kind: 'Usage', code: 'bad-calendar' });
    return { expression, elapses: null };
  }
}

describe('a calendar expression', () => {
  it('means what systemd makes of it', () => {
    const all = golden();
    expect(all.length).toBeGreaterThan(600);
    expect(all.filter(({ elapses }) => elapses !== null).length).toBeGreaterThan(200);
    expect(all.map(({ expression }) => answered(expression, BASE_S))).toEqual(all);
  });

  it.skipIf(!hasSystemd())('means the same to this computer, at any time', () => {
    const base = fc.integer({ min: 1_600_000_000, max: 2_000_000_000 });
    fc.assert(
      fc.property(expressions, base, (expression, baseS) => {
        fc.pre(expression !== '');
        expect(answered(expression, baseS)).toEqual(askSystemd(expression, baseS));
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  it('a range ends at its last step, which alone must be in bounds', () => {
    expect(parseCalendar('*:0:0..60/7')).toEqual(parseCalendar('*:0:0..56/7'));
    expect(() => parseCalendar('*:0:0..60/6')).toThrow('is no second');
  });

  it('says what is wrong with it', () => {
    expect(() => parseCalendar('Mon 25:00')).toThrow(
      '"Mon 25:00" is no calendar expression: "25" is no hour.',
    );
  });

  it('that daylight saving skips is due after the jump; what comes twice is due once', () => {
    const berlin = parseCalendar('02:30 Europe/Berlin');
    const spring = nextElapse(berlin, Date.parse('2026-03-29T00:00:00Z'))!;
    expect(new Date(spring).toISOString()).toBe('2026-03-29T01:30:00.000Z');
    const autumn = nextElapse(berlin, Date.parse('2026-10-24T22:00:00Z'))!;
    expect(new Date(autumn).toISOString()).toBe('2026-10-25T00:30:00.000Z');
    const after = nextElapse(berlin, autumn)!;
    expect(new Date(after).toISOString()).toBe('2026-10-26T01:30:00.000Z');
  });

  it('is never answered with a moment that is not after the one given', () => {
    const moment = fc.integer({ min: 1_500_000_000_000, max: 2_500_000_000_000 });
    fc.assert(
      fc.property(expressions, moment, (expression, afterMs) => {
        const { elapses } = answered(expression, Math.floor(afterMs / 1_000));
        if (elapses === null) return;
        const next = nextElapse(parseCalendar(expression), afterMs);
        expect(next === null || next > afterMs).toBe(true);
      }),
    );
  });
});
