import { describe, expect, test } from 'vitest';
import { formatSize, percentOf } from '../../renderer/format/size.ts';
import { formatAway, formatDuration, formatMoment } from '../../renderer/format/time.ts';

describe('sizes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [1_550, '1.6 kB'],
    [9_949, '9.9 kB'],
    [9_960, '10 kB'],
    [999_499, '999 kB'],
    [999_999, '1.0 MB'],
    [6_217_334_912, '6.2 GB'],
    [187_402_118_656, '187 GB'],
    [2 ** 53, '9.0 PB'],
    [9e18, '9,000 PB'],
  ])('%d bytes are %s', (bytes, words) => {
    expect(formatSize(bytes)).toBe(words.replace(' ', '\u00a0'));
  });

  test('100 % is said only when all is done', () => {
    expect(percentOf(0, 0)).toBe(0);
    expect(percentOf(999_999, 1_000_000)).toBe(99);
    expect(percentOf(1_000_000, 1_000_000)).toBe(100);
    expect(percentOf(3, 2)).toBe(100);
  });
});

describe('times', () => {
  const at = (text: string): number => Date.parse(`${text}Z`);
  const now = at('2026-11-22T14:20:00');
  test.each([
    ['2026-11-22T14:05:00', '14:05 today'],
    ['2026-11-22T00:00:00', '00:00 today'],
    ['2026-11-21T23:59:00', '23:59 yesterday'],
    ['2026-11-17T18:00:00', 'Tuesday 18:00'],
    ['2026-10-03T18:00:00', '3\u00a0October, 18:00'],
    ['2024-10-03T18:00:00', '3\u00a0October 2024, 18:00'],
    ['2026-11-23T09:00:00', '09:00 tomorrow'],
  ])('%s is %s', (moment, words) => {
    expect(formatMoment({ at: at(moment), now, timeZone: 'UTC' })).toBe(words);
  });

  test('days are counted in the zone of the reader', () => {
    // 23:30 UTC is already the next day in Berlin.
    expect(formatMoment({ at: at('2026-11-21T23:30:00'), now, timeZone: 'Europe/Berlin' })).toBe(
      '00:30 today',
    );
  });

  test.each([
    [0, '0 s'],
    [300, '0.3 s'],
    [999, '1 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [130_000, '2 min 10 s'],
    [3_600_000, '1 h'],
    [11_100_000, '3 h 05 min'],
    [9 * 86_400_000, '9 days'],
  ])('%d ms are %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });

  test('a drive that left a moment ago has been away for a minute', () => {
    expect(formatAway(now - 1_000, now)).toBe('1 minute');
    expect(formatAway(now - 9 * 86_400_000, now)).toBe('9 days');
  });
});
