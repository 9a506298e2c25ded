import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Drive } from '../../shared/model/drive.ts';
import { ArchivesHere, type ArchivesHereParts } from '../../main/service/points/archives-here.ts';

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'dendro-folders-'));
afterAll(() => rmSync(folder, { recursive: true }));

// More names than a call takes arguments: the list of all restore points ended with a defect.
test('a drive with 130,000 folders at its top is looked around', { timeout: 60_000 }, async () => {
  for (let i = 0; i < 130_000; i += 1) mkdirSync(join(folder, `folder ${i}`));
  const drive = { driveId: 'd', name: 'Many', state: 'mounted', mounts: [folder] } as unknown;
  const parts = { history: { points: { volumesSeen: () => [] } }, nowMs: () => 1 } as unknown;
  const archives = new ArchivesHere(parts as ArchivesHereParts);
  await expect(archives.look([drive as Drive])).resolves.toBeUndefined();
});
