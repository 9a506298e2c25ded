import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelToken } from '../../main/engine/cancel.ts';
import { closeVolumes } from '../../main/engine/open-volumes.ts';
import type { PlaceInput } from '../../main/places/open-place.ts';
import { restorePlace, type RestorePlaceInput } from '../../main/places/restore/restore-place.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import type { KillJob } from './kill-child.ts';
import { State } from './support.ts';

const CHILD = join(import.meta.dirname, 'kill-child.ts');
let laptop: TestBtrfs;
let drive: TestBtrfs;
let state: State;
let number = 0;

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  state = new State();
  laptop = makeBtrfs({ sizeMiB: 256 });
  drive = makeBtrfs({ sizeMiB: 256 });
  const home = join(laptop.dir, 'home');
  run('btrfs', ['subvolume', 'create', home]);
  mkdirSync(join(home, 'docs/deep'), { recursive: true });
  for (let i = 0; i < 20; i += 1) writeFileSync(join(home, `docs/file${i}`), 'x'.repeat(i * 1_000));
  linkSync(join(home, 'docs/file9'), join(home, 'docs/deep/again'));
  run('btrfs', ['subvolume', 'snapshot', '-r', home, join(laptop.dir, 'point')]);
  laptop.sync();
  await state.ok('archive export', join(drive.dir, 'archive'), join(laptop.dir, 'point'));
});
afterAll(() => {
  closeVolumes();
  laptop?.close();
  drive?.close();
  state?.close();
});

function snapshot(): PlaceInput {
  const subvolumeId = Number(
    runText('btrfs', ['inspect-internal', 'rootid', join(laptop.dir, 'point')]),
  );
  const volume = { devices: [laptop.device], mountPath: laptop.dir };
  return { kind: 'snapshot', volume, subvolumeId };
}

/** Carries it out in a process that kills itself at a change; how many changes it made. */
function killed(input: RestorePlaceInput, killAt: number): number {
  const job: KillJob = { verb: 'restorePlace', input, killAt };
  const { stdout } = spawnSync(process.execPath, [CHILD, JSON.stringify(job)], {
    encoding: 'utf8',
  });
  return Number(stdout.trim());
}

const cases = [
  ['a whole subvolume as a snapshot', snapshot, '', () => laptop],
  ['a whole subvolume onto another volume', snapshot, '', () => drive],
  ['a folder, shared', snapshot, 'docs', () => laptop],
  [
    'everything out of an archive',
    (): PlaceInput => ({ kind: 'archive', folder: join(drive.dir, 'archive'), point: 'point' }),
    '',
    () => laptop,
  ],
] as const;

describeKernel('a restore that was killed and is gone on with', () => {
  for (const [name, place, from, onto] of cases) {
    // Once all was staged nothing is copied any more: it said "0 files".
    test(`says what there is, wherever it was killed: ${name}`, async () => {
      const input = (): RestorePlaceInput => {
        const folder = join(onto().dir, `to${(number += 1)}`);
        mkdirSync(folder);
        return { place: place(), items: [{ from, to: 'restored' }], folder };
      };
      const restored = (one: RestorePlaceInput): ReturnType<typeof restorePlace> =>
        restorePlace(one, { cancel: new CancelToken(), progress: () => {} });
      const { files, bytes, sharedBytes } = await restored(input());
      expect(files).toBeGreaterThanOrEqual(22);
      const changes = killed(input(), 0);
      for (const back of [1, 3]) {
        const again = input();
        killed(again, changes - back);
        const summary = await restored(again);
        expect([back, summary]).toMatchObject([back, { files, bytes }]);
        if (back === 1) expect(summary.sharedBytes).toBe(sharedBytes);
      }
    });
  }
});
