import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { ArchiveDanger } from './danger-campaign.ts';

const STRUCK = [
  ['export of an increment', 'sealed', 'kill'],
  ['prune', 'plain', 'pull'],
  ['purge', 'sealed', 'kill'],
] as const;

/** The whole campaign: npm run danger:archive. */
describeKernel('an archive whose writer is killed', () => {
  let danger: ArchiveDanger;
  beforeAll(async () => {
    danger = await ArchiveDanger.begin(Date.now() % 1000);
  });
  afterAll(() => danger.close());

  test('what was whole stays whole, what was begun comes to its end or goes away', async () => {
    expect(danger.deeds.length).toBe(7);
    for (const [name, kind, how] of STRUCK) {
      await danger.strike(
        danger.deeds.find((deed) => deed.name === name)!,
        kind,
        how,
      );
    }
  });
});
