import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { archiveVerbs } from '../../main/archive/engine-verbs.ts';
import { syntheticFull } from '../../main/archive/compose/synthetic-full.ts';
import { exportArchive } from '../../main/archive/export/export-archive.ts';
import { openToWrite } from '../../main/archive/export/prepare.ts';
import { saveArchive } from '../../main/archive/folder/archive.ts';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { restoreArchiveSnapshot } from '../../main/archive/restore/restore-snapshot.ts';
import { drillArchive } from '../../main/archive/verify/drill.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { placeOf } from '../../main/cli/place.ts';
import type { VerbContext } from '../../main/engine/context.ts';
import { typedFs } from '../../main/linux/libc-error.ts';
import { dendro } from '../cli/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, mountForeign, type ForeignDisk } from '../receive/foreign-filesystem.ts';
import { context } from './archive-harness.ts';

const JOURNALED = FOREIGN.find(({ name }) => name === 'ext4')!;
const LARGE_BYTES = 24 << 20;
const nowMs = Date.now();

describeKernel('a drive that goes away while it is written to', () => {
  let source: TestBtrfs;
  let drive: ForeignDisk;
  let folder: string;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    const live = join(source.dir, 'live');
    run('btrfs', ['-q', 'subvolume', 'create', live]);
    for (const round of [0, 1]) {
      writeFileSync(join(live, `large-${round}`), new Random(round).bytes(LARGE_BYTES));
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, `${live}.${round}`]);
    }
  });
  afterAll(() => source.close());
  beforeEach(async () => {
    drive = mountForeign(JOURNALED);
    folder = join(drive.dir, 'backups');
    for (const round of [0, 1]) await exportArchive(exportOf(round, folder), context());
  });
  afterEach(() => drive.close());

  const exportOf = (round: number, to: string) => {
    const { volume, subvolumeId } = placeOf(join(source.dir, `live.${round}`));
    return { volume, snapshotId: subvolumeId, folder: to, nowMs };
  };
  const struck = (strike: () => void) => {
    let isStruck = false;
    return {
      ...context(),
      progress: (): void => {
        if (!isStruck) strike();
        isStruck = true;
      },
    };
  };

  const deeds = {
    export: (c: VerbContext) => exportArchive(exportOf(1, join(drive.dir, 'new')), c),
    'synthetic-full': (c: VerbContext) => syntheticFull({ folder, point: 'live.1', nowMs }, c),
    prune: (c: VerbContext) => pruneArchive({ folder, points: ['live.0'], nowMs }, c),
    'rebuild-index': (c: VerbContext) => rebuildIndex({ folder, nowMs }, c),
  };
  const drill = (c: VerbContext) =>
    drillArchive({ folder, point: 'live.1', scratch: source.dir, nowMs }, c);

  // It told what tidying up met, or the lock that could not be let go of: "Could not ftruncate",
  // "Could not rm ... errno 4094"; and a drive that was read-only was to be used as root.
  for (const [name, deed] of Object.entries(deeds)) {
    test(`${name}: what is told is what could not be written`, async () => {
      for (const [strike, sign] of [
        [() => drive.makeReadOnly(), /EROFS/],
        [() => drive.cutOff(), /EIO/],
      ] as const) {
        const error = typedFs(await deed(struck(strike)).catch((cause: unknown) => cause));
        expect(error).toMatchObject({ kind: 'Io', message: expect.stringMatching(sign) as string });
        expect((error as Error).message).not.toMatch(/ftruncate|rm "|unfinished/);
        drive.plugIn();
        drive.mountAnew();
      }
      await deed(context());
      const verdict = await verifyArchive({ folder, level: 'full' }, context());
      expect(verdict.problems).toEqual([]);
    });
  }

  // "Could not rename ... (Conflict, not-found)": as if the request had been wrong.
  test('a drive that is unmounted under what writes is one that is gone', async () => {
    const stream = join(source.dir, 'live.1.btrfs');
    run('btrfs', ['-q', 'send', '-f', stream, join(source.dir, 'live.1')]);
    const base = { folder, nowMs };
    const writing = {
      export: (c: VerbContext) => archiveVerbs.exportArchive(exportOf(1, join(folder, 'new')), c),
      import: (c: VerbContext) =>
        archiveVerbs.importStreams({ ...base, folder: join(folder, 'in'), files: [stream] }, c),
      'synthetic-full': (c: VerbContext) =>
        archiveVerbs.syntheticFull({ ...base, point: 'live.1' }, c),
      prune: (c: VerbContext) => archiveVerbs.pruneArchive({ ...base, points: ['live.0'] }, c),
      purge: (c: VerbContext) => archiveVerbs.purgeArchive({ ...base, pattern: 'large-1' }, c),
      'rebuild-index': (c: VerbContext) => archiveVerbs.rebuildIndex(base, c),
    };
    for (const [name, write] of Object.entries(writing)) {
      const error = await write(struck(() => drive.unmountPulled())).catch(
        (cause: unknown) => cause,
      );
      expect({ name, error }).toMatchObject({ name, error: { kind: 'Io', code: 'archive-gone' } });
      // Nothing was put where it had been mounted.
      expect(readdirSync(drive.dir)).toEqual([]);
      drive.plugIn();
    }
    await rebuildIndex(base, context());
    const verdict = await verifyArchive({ folder, level: 'full' }, context());
    expect(verdict.problems).toEqual([]);
  });

  // Unmounted behind its last stream file, the rest was written where it had been mounted, and all said
  // to be well; such a folder lies below the drive once that is mounted again.
  test.each(['backups', '.'])('nothing is written beside a drive (%s)', async (name) => {
    const place = join(drive.dir, name);
    const archive = await openToWrite(place, nowMs, undefined, true);
    drive.unmountPulled();
    expect(() => saveArchive(place, archive.manifest)).toThrow(/is gone/);
    archive.close();
    expect(readdirSync(drive.dir)).toEqual([]);
    drive.plugIn();
  });

  // Every file was told as damaged, one after the other; the archive was whole.
  test('a filesystem that shuts down while it is read is a drive that went away', async () => {
    const destination = join(source.dir, 'into');
    mkdirSync(destination);
    const input = { folder, point: 'live.1', destination, plain: true };
    const readings = {
      restore: (c: VerbContext) => restoreArchiveSnapshot(input, c),
      verify: (c: VerbContext) => verifyArchive({ folder, level: 'full' }, c),
      drill,
    };
    for (const [name, reading] of Object.entries(readings)) {
      const error = await reading(struck(() => drive.cutOff())).catch((cause: unknown) => cause);
      // A restore goes on by itself once the drive is back.
      const code = name === 'restore' ? 'source-gone' : 'archive-gone';
      expect({ name, error }).toMatchObject({ name, error: { kind: 'Io', code } });
      drive.plugIn();
      drive.mountAnew();
    }
    expect(readdirSync(destination)).toEqual([]);
  });

  // It was refused, for its receipt could not be written: proof that needs no writing at all.
  test('a drill on a drive that is read-only runs; its receipt is in the history alone', async () => {
    run('mount', ['-o', 'remount,ro', drive.dir]);
    const { receipt, notes } = await drill(context());
    expect(receipt).toMatchObject({ passed: true, files: 2 });
    expect(notes.map(({ code }) => code)).toEqual(['receipt-not-on-drive']);
    // It said: Could not mkdtemp.
    const nowhere = dendro(['archive', 'drill', '--scratch', `${source.dir}/nowhere`, folder]);
    expect(nowhere.stderr.toString()).toContain('scratch-unusable');
    const told = dendro(['archive', 'drill', '--scratch', source.dir, folder]);
    expect(told.status).toBe(0);
    expect(told.stderr.toString()).toMatch(/history/);
    expect(existsSync(join(folder, 'receipts'))).toBe(false);
  });
});
