import { describe, expect, it } from 'vitest';
import { chainOf } from '../../main/plan/chain.ts';
import type { RestorePoint } from '../../shared/model/subvolume.ts';

const place = (volumeId: string, subvolumeId: number): RestorePoint['copies'][number] => ({
  ...{ volumeId, subvolumeId, volumeName: volumeId, path: '', present: true },
  place: volumeId === 'laptop' ? 'local' : 'drive',
});
const point = (n: number, on: string[], parent: number | null): RestorePoint => ({
  pointId: `p${n}`,
  sourceUuid: null,
  name: `home.${n}`,
  takenAtMs: n,
  copies: on.map((volumeId) => place(volumeId, 256 + n)),
  backup: { runId: 'r', bytes: 0, files: 0, parentPointId: parent === null ? null : `p${parent}` },
});
const at = (volumeId: string, present = true) => ({ volumeId, name: volumeId, present });

describe('the chain of a source', () => {
  it('says for each place what the next backup builds on, and how to mend what is broken', () => {
    const points = [
      point(4, ['laptop', 'blue'], 3),
      point(3, ['blue'], 2),
      point(1, ['green', 'grey'], null),
    ];
    const chain = chainOf({
      points,
      sourceVolumeId: 'laptop',
      places: [at('laptop'), at('blue'), at('green'), at('grey', false), at('new')],
    });
    expect(chain.points.map(({ parentGone }) => parentGone)).toEqual([false, true, false]);
    expect(chain.places).toMatchObject([
      { volumeId: 'blue', next: 'increment', parentPointId: 'p4', why: 'shared', mend: null },
      { volumeId: 'green', next: 'full', why: 'parent-deleted-here', mend: { subvolumeId: 257 } },
      { volumeId: 'grey', next: 'full', why: 'parent-deleted-here', mend: null },
      { volumeId: 'new', next: 'full', why: 'first', points: 0 },
    ]);
  });
});
