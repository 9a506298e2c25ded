import { expect, it } from 'vitest';
import { rotation } from '../../main/plan/rotation.ts';

it('the drives that are here go in the order in which they have waited', () => {
  const drives = [
    { driveId: 'fresh', present: true, newestPointMs: 9 },
    { driveId: 'away', present: false, newestPointMs: 1 },
    { driveId: 'new', present: true, newestPointMs: null },
    { driveId: 'old', present: true, newestPointMs: 2 },
  ];
  expect(rotation(drives).map(({ driveId }) => driveId)).toEqual(['new', 'old', 'fresh']);
});
