import { expect, test } from 'vitest';
import { nextThatFits } from '../../renderer/bridge/next-that-fits.ts';

/** Ten rows in pages of three; one page has not come. */
const names = 'ada bob cleo ann ben carl abe bill cy al'.split(' ');
const pages = {
  count: names.length,
  pageRows: 3,
  pageAt: (number: number) => (number === 1 ? undefined : names.slice(number * 3, number * 3 + 3)),
};
const next = (start: string, after: number): string | undefined =>
  names[nextThatFits(pages, (name) => name.startsWith(start), after) ?? NaN];

test('the next one after a row, around the end, and the row itself at last', () => {
  expect(next('a', -1)).toBe('ada');
  expect(next('a', 0)).toBe('abe');
  expect(next('a', 6)).toBe('al');
  expect(next('a', 9)).toBe('ada');
  expect(next('b', 1)).toBe('bill');
  expect(next('b', 7)).toBe('bob');
  expect(next('cleo', 2)).toBe('cleo');
  expect(next('z', 4)).toBeUndefined();
});

test('what has not come is not found, and each page is looked at twice at most', () => {
  expect(next('ben', -1)).toBeUndefined();
  expect(nextThatFits({ ...pages, count: 0 }, () => true, -1)).toBeUndefined();
  // A letter typed in a folder of 200,000 names took 0.3 s: each name that was not here was asked for.
  let looks = 0;
  const many = { count: 200_000, pageRows: 1_000, pageAt: () => void (looks += 1) };
  expect(nextThatFits(many, () => true, 150_000)).toBeUndefined();
  expect(looks).toBe(201);
});
