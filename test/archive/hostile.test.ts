import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { runCampaign, type Subject } from './hostile-campaign.ts';
import { makeSubjects } from './hostile-subjects.ts';

/** The whole campaign: npm run hostile:archive. */
const MUTATIONS = 8;
const SEED = 4000;

describeKernel('a hostile archive', () => {
  let folder: string;
  let subjects: Subject[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dendro-hostile-'));
    subjects = await makeSubjects(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('typed errors or right data, and nothing outside of the folder', async () => {
    for (const subject of subjects) {
      const arena = join(folder, 'arena');
      mkdirSync(arena, { recursive: true });
      const { failures, mutations } = await runCampaign(subject, arena, SEED, MUTATIONS);
      expect(failures).toEqual([]);
      expect(mutations).toBe(MUTATIONS);
    }
  });
});
