import { expect, it } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { planKills } from './plan-kills.ts';

describeKernel('a service that carries a plan out', () => {
  it('killed at any moment comes to its end at the next start, with copies equal to the source', async () => {
    const { killed, failures } = await planKills({ moments: 2, seed: 42 });
    expect(failures).toEqual([]);
    expect(killed).toBeGreaterThan(0);
  }, 300_000);
});
