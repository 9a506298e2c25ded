import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstOddLimits } from './odd.ts';
import { TINY, withLimits } from './tiny.ts';

const top = join(import.meta.dirname, '../..');

test('the limits that `npm run limits` makes tiny or odd are there', () => {
  for (const limits of [TINY, firstOddLimits()]) {
    for (const [path, values] of Object.entries(limits)) {
      expect(withLimits(top, path, values)).toMatch(/^(export )?const [A-Z_]+ = \d+;$/m);
    }
  }
});
