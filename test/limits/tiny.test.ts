import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TINY, withTinyLimits } from './tiny.ts';

const top = join(import.meta.dirname, '../..');

test('the limits that `npm run limits` makes tiny are there', () => {
  for (const path of Object.keys(TINY)) {
    expect(withTinyLimits(top, path)).toMatch(/^(export )?const [A-Z_]+ = \d+;$/m);
  }
});
