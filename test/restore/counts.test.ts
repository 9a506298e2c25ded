import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelToken } from '../../main/engine/cancel.ts';
import type { PlaceInput } from '../../main/places/open-place.ts';
import { restorePlace, type RestorePlaceInput } from '../../main/places/restore/restore-place.ts';
import { describeKernel } from '../harness/kernel.ts';
import { changesOf, PointAndArchive } from './killed.ts';

let kept: PointAndArchive | undefined;
let number = 0;

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  kept = await PointAndArchive.make(256, (home) => {
    mkdirSync(join(home, 'docs/deep'), { recursive: true });
    const paths = Array.from({ length: 20 }, (_, i) => join(home, `docs/file${i}`));
    paths.forEach((path, i) => writeFileSync(path, 'x'.repeat(i * 1_000)));
    linkSync(paths[9]!, join(home, 'docs/deep/again'));
  });
});
afterAll(() => kept?.close());

const snapshot = (): PlaceInput => ({ kind: 'snapshot', ...kept!.snapshot });
const archive = (): PlaceInput => ({ kind: 'archive', folder: kept!.archive, point: 'point' });

const cases = [
  ['a whole subvolume as a snapshot', snapshot, '', 'laptop'],
  ['a whole subvolume onto another volume', snapshot, '', 'drive'],
  ['a folder, shared', snapshot, 'docs', 'laptop'],
  ['everything out of an archive', archive, '', 'laptop'],
] as const;

describeKernel('a restore that was killed and is gone on with', () => {
  for (const [name, place, from, onto] of cases) {
    // Once all was staged nothing is copied any more: it said "0 files".
    test(`says what there is, wherever it was killed: ${name}`, async () => {
      const input = (): RestorePlaceInput => {
        const folder = join(kept![onto].dir, `to${(number += 1)}`);
        mkdirSync(folder);
        return { place: place(), items: [{ from, to: 'restored' }], folder };
      };
      const restored = (one: RestorePlaceInput): ReturnType<typeof restorePlace> =>
        restorePlace(one, { cancel: new CancelToken(), progress: () => {} });
      const { files, bytes, sharedBytes } = await restored(input());
      expect(files).toBe(21);
      const killed = (one: RestorePlaceInput, killAt: number): number | undefined =>
        changesOf({ verb: 'restorePlace', input: one, killAt });
      const changes = killed(input(), 0)!;
      for (const back of [1, 3]) {
        const again = input();
        killed(again, changes - back);
        const summary = await restored(again);
        expect([back, summary]).toMatchObject([back, { files, bytes, sharedBytes }]);
      }
    });
  }
});
