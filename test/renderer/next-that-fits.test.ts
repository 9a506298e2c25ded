import { expect, test } from 'vitest';
import { nextThatFits, seekThatFits } from '../../renderer/bridge/next-that-fits.ts';

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

test('what has not come is waited for, page by page, while somebody wants it', async () => {
  const asked: number[] = [];
  const pageAt = (number: number): Promise<string[]> => {
    asked.push(number);
    return Promise.resolve(names.slice(number * 3, number * 3 + 3));
  };
  const seek = (start: string, after: number, isWanted = () => true) =>
    seekThatFits({ ...pages, pageAt, isWanted }, (name) => name.startsWith(start), after);
  expect(await seek('be', -1)).toBe(names.indexOf('ben'));
  expect(asked).toEqual([0, 1]);
  expect(await seek('al', 9)).toBe(9);
  expect(await seek('z', 4)).toBeUndefined();
  asked.length = 0;
  expect(await seek('al', -1, () => asked.length < 2)).toBeUndefined();
  expect(asked).toEqual([0, 1]);
  expect(
    await seekThatFits({ ...pages, count: 0, pageAt, isWanted: () => true }, () => true, -1),
  ).toBe(undefined);
});
