import { expect, test } from 'vitest';
import { shortened } from '../../renderer/model/short-text.ts';
import { sourceSentence } from '../../renderer/model/sentences.ts';
import { home, NOW } from '../e2e/support/scenes.ts';

test('what fits stays as it is', () => {
  expect(shortened('Home')).toBe('Home');
  expect(shortened('x'.repeat(48))).toBe('x'.repeat(48));
});

test('beginning and end stay, for many names differ in the end alone', () => {
  expect(shortened(`${'photos of '.repeat(20)}2024`, 20)).toBe('photos of pho…f 2024');
});

test('letters are counted and cut whole', () => {
  const family = '👨‍👩‍👧‍👦';
  expect(shortened(family.repeat(8), 8)).toBe(family.repeat(8));
  expect(shortened(family.repeat(9), 4)).toBe(`${family.repeat(2)}…${family}`);
});

// A name of 255 letters was said in full, over four lines of each row.
test('a sentence about a source with a long name says it short', () => {
  const source = { ...home, name: `@${'x'.repeat(254)}` };
  expect(sourceSentence(source, NOW, shortened).text).toMatch(
    /^Xx{31}…x{15} is safe up to .* on this computer and on Blue Drive\.$/,
  );
  expect(sourceSentence(source, NOW).text).toContain('x'.repeat(253));
});
