import { beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { runCampaign } from './campaign.ts';
import { makeMembers, PROFILES, runMembers } from './members.ts';
import { runRescues } from './rescue.ts';
import { makeSubjects, type Subject } from './subject.ts';

/** A sample; `npm run mutation` runs the campaign. */
const SAMPLE = 60;
const RESCUES = 4;
const MEMBERS = 8;

describeKernel('mutated metadata: typed errors or right data only', () => {
  let subjects: Subject[] = [];
  beforeAll(async () => {
    subjects = await makeSubjects();
  });

  test.each(['right', 'crafted', 'wrong', 'one', 'superblock'] as const)('checksums %s', (mode) => {
    for (const subject of subjects) {
      expect(runCampaign(subject, mode, 1, 1 + SAMPLE).failures).toEqual([]);
    }
  });

  // The highest flag made a negative number, which no receiver takes.
  test('crafted flags are sent as flags', () => {
    expect(runCampaign(subjects[0]!, 'crafted', 1450, 1451).failures).toEqual([]);
  });

  // A stream with an attribute that has a NUL in its name, which no receiver takes; a RangeError of
  // an inode item that is too short.
  test.each([
    ['dup, 16 KiB', 23000942],
    ['raid1, xxhash', 23000032],
  ])('%s, seed %i: right or a typed error', (name, seed) => {
    const subject = subjects.find((one) => one.name === name)!;
    expect(runCampaign(subject, 'right', seed, seed + 1).failures).toEqual([]);
  });

  test('rescue goes on past whatever it meets', () => {
    for (const subject of subjects) {
      const { failures, files } = runRescues(subject, 1, 1 + RESCUES);
      expect(failures).toEqual([]);
      expect(files).toBeGreaterThan(0);
    }
  });
});

describeKernel('members lost, spoilt or from a while ago', () => {
  test.each(PROFILES)('$profile: what is right, or a typed error', async (shape) => {
    const members = await makeMembers(shape);
    expect(runMembers(members, 1, 1 + MEMBERS).failures).toEqual([]);
  });
});
