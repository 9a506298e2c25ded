import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeVolumes } from '../../main/engine/open-volumes.ts';
import { Staging, STAGING_PREFIX } from '../../main/engine/restore/staging.ts';
import type { RestoreSummary } from '../../main/engine/verbs/restore.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { fileExtents } from '../harness/extents.ts';
import { describeKernel } from '../harness/kernel.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { changesOf, PointAndArchive, summaryOf } from './killed.ts';
import { leftovers } from './support.ts';

const MIB = 1 << 20;
const BLOCK = 4096;
/** No file may be larger, as on FAT. */
const MOST_BYTES = 2 * MIB;
/** Moments of a kill, spread over the whole restore; two of the last ones beside. */
const MOMENTS = 7;

let kept: PointAndArchive | undefined;
let number = 0;

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  kept = await PointAndArchive.make(512, (home) => {
    mkdirSync(join(home, 'docs/more'), { recursive: true });
    const random = new Random(5);
    for (const name of ['one', 'spoilt', 'three', 'more/four']) {
      writeFileSync(join(home, 'docs', name), random.bytes(MIB + 5));
    }
    writeFileSync(join(home, 'docs/more/large'), random.bytes(5 * MIB));
    writeFileSync(join(home, 'docs/barred'), 'may not be changed');
    run('chattr', ['+i', join(home, 'docs/barred')]);
    run('ln', [join(home, 'docs/one'), join(home, 'docs/more/link')]);
  });
  spoil(join(kept.point, 'docs/spoilt'), MIB);
});
afterAll(() => {
  if (kept !== undefined) run('chattr', ['-R', '-i', join(kept.laptop.dir, 'home')]);
  kept?.close();
});

/** One block, in the only copy that there is. */
function spoil(path: string, offset: number): void {
  const fd = openSync(path, 'r');
  const extent = fileExtents(fd).findLast(({ logical }) => logical <= offset)!;
  closeSync(fd);
  const volume = openVolume([kept!.laptop.device]);
  const { physical } = volume.chunks.place(extent.physical + offset - extent.logical, 0);
  volume.close();
  const device = openSync(kept!.laptop.device, 'r+');
  writeSync(device, new Random(2).bytes(BLOCK), 0, BLOCK, physical);
  closeSync(device);
}

/** All that a person is told, but where the folder is. */
function toldBy({ items, madeFolders, losses, damages, ...counts }: RestoreSummary): unknown {
  const [lost, damaged] = [losses, damages].map((list) => list.map((one) => JSON.stringify(one)));
  return {
    ...counts,
    names: items.length,
    made: madeFolders.length,
    lost: lost!.sort(),
    damaged: damaged!.sort(),
  };
}

function freshFolder(): string {
  const folder = join(kept!.drive.dir, `to${(number += 1)}`);
  mkdirSync(folder);
  return folder;
}

const JOBS = {
  'out of a snapshot': {
    ...{ verb: 'restore', isTold: ['in-pieces', 'lost-barring', 'docs/spoilt'] },
    input: () => ({ ...kept!.snapshot, items: [{ from: 'docs', to: 'below/docs' }] }),
  },
  'out of an archive': {
    ...{ verb: 'restorePlace', isTold: ['in-pieces'] },
    input: () => ({
      place: { kind: 'archive', folder: kept!.archive, point: 'home/point' },
      items: [{ from: 'docs', to: 'below/docs' }],
    }),
  },
};

describeKernel('a restore that was killed and goes on', () => {
  test.each(Object.entries(JOBS))('%s: tells what one without a kill does', (_, job) => {
    const jobAt = (killAt: number, folder = freshFolder()) => ({
      ...{ verb: job.verb, killAt, maxFileBytes: MOST_BYTES },
      input: { ...job.input(), folder },
    });
    const whole = jobAt(0);
    const wanted = toldBy(summaryOf<RestoreSummary>(whole));
    const text = JSON.stringify(wanted);
    for (const what of job.isTold) expect(text).toContain(what);
    const changes = changesOf(jobAt(0))!;
    const spread = Array.from({ length: MOMENTS }, (_, i) => Math.ceil((changes * i) / MOMENTS));
    for (const killAt of [...spread.slice(1), changes - 5, changes - 2]) {
      const folder = freshFolder();
      expect(changesOf(jobAt(killAt, folder))).toBeUndefined();
      const told = toldBy(summaryOf<RestoreSummary>(jobAt(0, folder)));
      expect({ killAt, told }).toEqual({ killAt, told: wanted });
      expect(leftovers(folder)).toEqual([]);
      rmSync(folder, { recursive: true });
    }
    closeVolumes();
  });
});

// It was written behind the piece, and was none either: what it had staged was in the way then.
test('what is written behind a line that a power cut cut short is read again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'staging-'));
  const root = openSync(folder, 'r');
  const staging = (): Staging => new Staging(folder, root, 'key', 'boot');
  try {
    mkdirSync(join(folder, `${STAGING_PREFIX}key`));
    writeFileSync(join(folder, `${STAGING_PREFIX}key/journal`), '{"version":1,"boot');
    const first = staging();
    first.begin({ bootId: 'boot', names: [], skipped: 3, madeFolders: [] });
    first.close();
    const second = staging();
    expect(second.header?.skipped).toBe(3);
    second.close();
  } finally {
    closeSync(root);
    rmSync(folder, { recursive: true });
  }
});
