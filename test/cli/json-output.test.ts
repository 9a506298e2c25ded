import { afterEach, expect, test, vi } from 'vitest';
import { printJson } from '../../main/cli/output.ts';

const written: string[] = [];
vi.mock('../../main/cli/print.ts', () => ({ print: (text: string) => written.push(text) }));
afterEach(() => written.splice(0));

test.each([
  [null],
  ['a\nb'],
  [[]],
  [{}],
  [[1, undefined, null, [2, [3, {}], []], { a: { b: [1, { c: 'x\ny' }] } }]],
  [{ a: undefined, 'b"': [], c: { d: 1, e: undefined }, f: [{ g: null }], h: '\ud800' }],
])('is what JSON.stringify makes: %j', (value) => {
  printJson(value);
  expect(written.join('')).toBe(`${JSON.stringify(value, undefined, 2)}\n`);
});

// One string of more than 512 MiB: `ls --json` of a folder with millions of entries ended with a defect.
test('a list is written piece by piece', () => {
  printJson(Array.from({ length: 100_000 }, (_, i) => ({ i })));
  expect(written.length).toBeGreaterThan(20);
  expect(JSON.parse(written.join(''))).toHaveLength(100_000);
});

test('a note is its English sentence', () => {
  printJson({ notes: [{ code: 'x', text: 'It is so.', values: {} }] });
  expect(JSON.parse(written.join(''))).toEqual({ notes: ['It is so.'] });
});
