import { expect, test } from 'vitest';
import { openHistory } from '../../main/history/history.ts';
import { pinsOf } from '../../main/service/plans/pins/pins-of.ts';
import { exampleRun } from '../history/example-run.ts';

const SOURCE = '11111111-1111-4111-8111-111111111111';
const pointId = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;

// An hourly plan deleted the oldest point in the middle of a long restore from it.
test('a point that a run reads stays until the run has ended, at each place', () => {
  const history = openHistory(':memory:');
  history.points.volumeSeen('laptop', 'Laptop', 1);
  history.points.replaceVolume(
    'laptop',
    [1, 2, 3].map((number) => ({
      ...{ pointId: pointId(number), sourceUuid: SOURCE, name: `home.${number}` },
      ...{ takenAtMs: number, subvolumeId: 256 + number, path: `.dendro/home.${number}` },
      place: 'local' as const,
    })),
  );
  const pins = (): [string, readonly string[]][] => [
    ...pinsOf(
      {
        ...{ sourceUuid: SOURCE, sourceVolumeId: 'laptop', subvolumes: [], targetFolders: [] },
        points: history.points.list(new Set(['laptop']), SOURCE),
      },
      { history },
    ),
  ];
  const source = { volumeId: 'laptop', subvolumeId: 258, path: 'letters' };
  const run = exampleRun({ kind: 'restore', state: 'running', source, endedAtMs: null });
  history.runs.begin(run, 'me');
  expect(pins()).toEqual([[pointId(2), ['in-use']]]);
  history.runs.update({ ...run, state: 'done', endedAtMs: 2 }, 2);
  expect(pins()).toEqual([]);
  history.close();
});
