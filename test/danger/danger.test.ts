import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { Danger, FAULTS } from './faults.ts';

/** Of each fault in `npm test`; `npm run danger` does as many as wanted. */
const MOMENTS = 2;

describeKernel('faults at random moments', () => {
  let danger: Danger;
  beforeAll(async () => {
    danger = new Danger(1);
    await danger.calm();
  });
  afterAll(() => danger.close());

  test.each(FAULTS)('%s: the next run ends with a snapshot equal to its source', async (fault) => {
    for (let i = 0; i < MOMENTS; i += 1) {
      expect((await danger.strike(fault)).resumedAt).toBeGreaterThanOrEqual(0);
    }
  });
});
