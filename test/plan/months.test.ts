import { expect, test } from 'vitest';
import { monthsAhead } from '../../shared/model/months.ts';

const ahead = (from: Date, months: number): Date => new Date(monthsAhead(from.getTime(), months));

// `plan preview` told of 3 March, one month after 31 January.
test.each([
  [new Date(2026, 0, 31, 14, 5), 1, new Date(2026, 1, 28, 14, 5)],
  [new Date(2028, 0, 31), 1, new Date(2028, 1, 29)],
  [new Date(2028, 1, 29), 12, new Date(2029, 1, 28)],
  [new Date(2026, 7, 31), 6, new Date(2027, 1, 28)],
  [new Date(2026, 9, 31), 1, new Date(2026, 10, 30)],
  [new Date(2026, 10, 30, 23, 59, 59, 999), 24, new Date(2028, 10, 30, 23, 59, 59, 999)],
  [new Date(2026, 4, 31), 120, new Date(2036, 4, 31)],
])('%s and %i months are %s', (from, months, expected) => {
  expect(ahead(from, months)).toEqual(expected);
});

test('each month of ten years is the next one, from whatever day', () => {
  for (let day = 1; day <= 31; day++) {
    const from = new Date(2026, 2, day, 12);
    for (let months = 1; months <= 120; months++) {
      const at = ahead(from, months);
      expect(at.getFullYear() * 12 + at.getMonth()).toBe(2026 * 12 + 2 + months);
      expect(at.getHours()).toBe(12);
    }
  }
});
