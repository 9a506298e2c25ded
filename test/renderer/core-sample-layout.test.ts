import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  layersOf,
  layoutSample,
  type SamplePoint,
} from '../../renderer/charts/core-sample-layout.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const point = (at: number, changedBytes: number | null = 1e6): SamplePoint => ({
  at,
  changedBytes,
  tone: 'here',
});

describe('the core sample', () => {
  test('nothing is drawn of nothing', () => {
    expect(layoutSample([], { widthPx: 600, gapAfterMs: DAY })).toEqual({ bands: [], gaps: [] });
    expect(layoutSample([point(0)], { widthPx: 0, gapAfterMs: DAY }).bands).toEqual([]);
  });

  test('a band is wider the more changed, and a missed day is a gap', () => {
    const points = [point(0, 1e6), point(HOUR, 9e9), point(2 * HOUR, 1e6), point(3 * DAY, 1e6)];
    const { bands, gaps } = layoutSample(points, { widthPx: 600, gapAfterMs: 1.5 * DAY });
    expect(bands).toHaveLength(4);
    expect(bands[1]!.width).toBeGreaterThan(bands[0]!.width);
    expect(bands[2]!.width).toBeCloseTo(bands[0]!.width);
    expect(gaps).toEqual([expect.objectContaining({ days: 3 })]);
    expect(gaps[0]!.x).toBeGreaterThanOrEqual(bands[2]!.x + bands[2]!.width - 2.1);
    expect(bands[3]!.x).toBeGreaterThan(gaps[0]!.x);
  });

  test('points that nobody counted are drawn alike', () => {
    const points = [point(0, null), point(HOUR, null), point(2 * HOUR, null)];
    const widths = layoutSample(points, { widthPx: 600, gapAfterMs: DAY }).bands.map(
      (b) => b.width,
    );
    expect(new Set(widths).size).toBe(1);
    expect(widths[0]).toBeGreaterThan(3);
  });

  test('any number of points fits, in order, each point in exactly one band', () => {
    const points = fc.array(
      fc.record({
        step: fc.integer({ min: 0, max: 40 * DAY }),
        changedBytes: fc.option(fc.integer({ min: 0, max: 2 ** 50 }), { nil: null }),
        tone: fc.constantFrom('here' as const, 'both' as const, 'away' as const),
      }),
      { minLength: 1, maxLength: 3_000 },
    );
    fc.assert(
      fc.property(points, fc.integer({ min: 8, max: 2_000 }), (steps, widthPx) => {
        let at = 0;
        const list = steps.map(({ step, ...rest }) => ({ at: (at += step), ...rest }));
        const { bands } = layoutSample(list, { widthPx, gapAfterMs: 1.5 * DAY });
        expect(bands[0]!.first).toBe(0);
        expect(bands.at(-1)!.last).toBe(list.length - 1);
        bands.forEach((band, i) => {
          expect(band.width).toBeGreaterThan(0);
          if (i > 0) expect(band.first).toBe(bands[i - 1]!.last + 1);
          if (i > 0) expect(band.x).toBeGreaterThanOrEqual(bands[i - 1]!.x + bands[i - 1]!.width);
        });
        const end = bands.at(-1)!.x + bands.at(-1)!.width;
        expect(end).toBeLessThanOrEqual(widthPx * 1.35 + 8);
      }),
      { numRuns: 60 },
    );
  });

  test('a joined band shows how many of its points are where, not the colour of one of them', () => {
    const points = Array.from({ length: 2_000 }, (_, i) => ({
      ...point(i * HOUR),
      tone: i % 20 === 0 ? ('both' as const) : ('here' as const),
    }));
    const { bands } = layoutSample(points, { widthPx: 300, gapAfterMs: 1.5 * DAY });
    const [first] = bands;
    expect(first!.tones).toMatchObject([{ tone: 'here' }, { tone: 'both' }]);
    const counted = bands.flatMap(({ tones }) => tones.map(({ count }) => count));
    expect(counted.reduce((sum, count) => sum + count)).toBe(2_000);
    const [here, both] = layersOf(first!, 44);
    expect(here!.height).toBeGreaterThan(30);
    expect(both!.height).toBeGreaterThanOrEqual(4);
    expect(here!.height + both!.height).toBeCloseTo(44);
    expect(both!.y).toBe(here!.height);
    const single = layoutSample([point(0)], { widthPx: 300, gapAfterMs: DAY }).bands[0]!;
    expect(layersOf(single, 44)).toEqual([{ tone: 'here', y: 0, height: 44 }]);
  });
});
