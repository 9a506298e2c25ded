import { beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { runCampaign } from './campaign.ts';
import { makeSubjects, type Subject } from './subject.ts';

/** A sample; `node test/mutation/mutation.ts` runs the campaign. */
const SAMPLE = 150;

describeKernel('mutated metadata: typed errors or right data only', () => {
  let subjects: Subject[] = [];
  beforeAll(async () => {
    subjects = await makeSubjects();
  });

  test.each(['right', 'wrong', 'one'] as const)('checksums %s', (mode) => {
    for (const subject of subjects) {
      expect(runCampaign(subject, mode, 1, 1 + SAMPLE).failures).toEqual([]);
    }
  });
});
