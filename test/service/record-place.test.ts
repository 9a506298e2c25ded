import { expect, test } from 'vitest';
import { openHistory } from '../../main/history/history.ts';
import { recordArchive } from '../../main/service/plans/targets/record-place.ts';
import type { ArchiveContents } from '../../shared/model/archive.ts';

type Point = ArchiveContents['sources'][number]['points'][number];

// They had one number: the history refused both, and whatever looks at drives ended with it.
test('a snapshot that an archive has twice is two copies of its point', () => {
  const history = openHistory(':memory:');
  const uuid = 'ab'.repeat(16);
  const part = 'cd'.repeat(16);
  const dashed = 'abababab-abab-abab-abab-abababababab';
  history.sentWithout.record({
    uuid: 'cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd',
    pointId: dashed,
    excludes: ['*.tmp'],
  });
  const point = (id: string, ctransid: number, name = 'home.1'): Point =>
    ({
      uuid: id,
      ctransid,
      name,
      excludes: [],
      takenAtMs: 1,
      isRestorable: true,
    }) as unknown as Point;
  const points = [point(uuid, 7), point(uuid, 9), point(part, 7), point(uuid, 7, 'home.2')];
  const sources = [{ folder: 'home', uuid: 'ef'.repeat(16), points }];
  recordArchive(
    { driveId: 'stick', folder: '' },
    'Stick',
    { sources } as Pick<ArchiveContents, 'sources'>,
    { history, nowMs: () => 2 },
  );
  const [recorded, ...others] = history.points.list(new Set());
  expect(others).toEqual([]);
  expect(recorded!.pointId).toBe(dashed);
  const copies = recorded!.copies.map(({ path }) => path).sort();
  expect(copies).toEqual([`home/${uuid}@7`, `home/${uuid}@9`, `home/${part}@7`, 'home/home.2']);
  expect(new Set(recorded!.copies.map(({ subvolumeId }) => subvolumeId)).size).toBe(4);
  history.close();
});

// It looked whole, and was no copy of what is on the disk.
test('what an archive has in part is known by what the archive says, without the history', () => {
  const history = openHistory(':memory:');
  const excludes = ['*.tmp'];
  const point = {
    ...{ uuid: 'cd'.repeat(16), snapshotUuid: 'ab'.repeat(16), ctransid: 7, name: 'home.1' },
    ...{ excludes, takenAtMs: 1, isRestorable: true },
  } as unknown as Point;
  const sources = [{ folder: 'home', uuid: 'ef'.repeat(16), points: [point] }];
  recordArchive(
    { driveId: 'stick', folder: '' },
    'Stick',
    { sources } as Pick<ArchiveContents, 'sources'>,
    { history, nowMs: () => 2 },
  );
  const [recorded] = history.points.list(new Set());
  expect(recorded!.pointId).toBe('abababab-abab-abab-abab-abababababab');
  expect(recorded!.copies).toEqual([expect.objectContaining({ path: 'home/home.1', excludes })]);
  history.close();
});
