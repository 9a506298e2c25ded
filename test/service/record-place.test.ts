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
    ({ uuid: id, ctransid, name, takenAtMs: 1, isRestorable: true }) as Point;
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
