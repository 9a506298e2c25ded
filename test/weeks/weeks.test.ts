import { expect, it, vi } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { playWeeks } from './weeks.ts';

vi.setConfig({ testTimeout: 600_000 });

// One of the many that `npm run weeks` plays, and short.
describeKernel('what happens to a computer over weeks', () => {
  it('leaves all copies listed, whole, and kept as the rules say', async () => {
    const { log, wrong } = await playWeeks({ seed: 1, deeds: 8 });
    expect(log.length).toBeGreaterThan(8);
    expect(wrong).toEqual([]);
  });
});
