import {
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticFull } from '../../main/archive/compose/synthetic-full.ts';
import { importStreams } from '../../main/archive/import/import-streams.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { exactly } from '../../main/archive/format/manifest.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { noteBegun, unfinishedIn } from '../../main/archive/write/unfinished.ts';
import { Retention } from '../../shared/model/retention.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { context, differences, exportSnapshot, wrongFiles } from './archive-harness.ts';

/**
 * A folder that was copied in part, or that went back in time while its manifest did not: it lists
 * points whose files are not there.
 */
describeKernel('an archive that lists files which are not there', () => {
  let source: TestBtrfs;
  let count = 0;
  const snapshot = (i: number): string => `${source.dir}/snap.${i}`;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    run('btrfs', ['-q', 'subvolume', 'create', `${source.dir}/live`]);
    for (let i = 0; i < 5; i += 1) {
      writeFileSync(`${source.dir}/live/file-${i}`, `${i} `.repeat(20_000));
      writeFileSync(`${source.dir}/live/changing`, `${i} `.repeat(20_000));
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', `${source.dir}/live`, snapshot(i)]);
    }
  });
  afterAll(() => source.close());

  const archive = async (points: readonly number[]): Promise<string> => {
    const folder = `${source.dir}/archive-${(count += 1)}`;
    for (const i of points) await exportSnapshot(snapshot(i), folder);
    return folder;
  };
  const stream = (folder: string, i: number): string => `${folder}/live/snap.${i}.btrfs.zst`;
  const kinds = (folder: string): [string, string, boolean][] =>
    listArchive({ folder }).sources[0]!.points.map(({ name, kind, isRestorable }) => [
      name,
      kind,
      isRestorable,
    ]);
  const received = (folder: string, points: readonly number[]): void => {
    const target = makeBtrfs({ sizeMiB: 512 });
    try {
      for (const i of points) {
        run('bash', [
          '-c',
          `set -o pipefail; zstd -dc '${stream(folder, i)}' | btrfs receive -q ${target.dir}`,
        ]);
        expect(differences(snapshot(i), `${target.dir}/snap.${i}`)).toEqual([]);
      }
    } finally {
      target.close();
    }
  };

  // It was an increment upon what was not there, and "whole and restorable in the archive".
  test('an increment does not build on a point whose stream is missing or cut short', async () => {
    for (const spoil of [
      (file: string) => rmSync(file),
      (file: string) => truncateSync(file, 100),
    ]) {
      const folder = await archive([0, 1]);
      spoil(stream(folder, 1));
      const made = await exportSnapshot(snapshot(2), folder);
      expect(made).toMatchObject({ isNew: true, parent: 'snap.0' });
      expect(made.notes.map(({ code }) => code)).toEqual(['parent-not-whole']);
      received(folder, [0, 2]);
      expect(kinds(folder)).toEqual([
        ['snap.0', 'full', true],
        ['snap.1', 'increment', false],
        ['snap.2', 'increment', true],
      ]);
    }
  });

  test('where nothing whole is left to build on, the export is full', async () => {
    const folder = await archive([0, 1]);
    rmSync(stream(folder, 0));
    expect(await exportSnapshot(snapshot(2), folder)).toMatchObject({ parent: null });
    received(folder, [2]);
  });

  // "It was there already", though its file was not.
  test('a point whose stream is gone is exported again, and what builds on it is whole', async () => {
    for (const [lost, parent] of [
      [0, null],
      [1, 'snap.0'],
    ] as const) {
      const folder = await archive([0, 1, 2]);
      rmSync(stream(folder, lost));
      const made = await exportSnapshot(snapshot(lost), folder);
      expect(made).toMatchObject({ isNew: true, parent });
      expect(kinds(folder).map(([name, , isRestorable]) => [name, isRestorable])).toEqual([
        ['snap.0', true],
        ['snap.1', true],
        ['snap.2', true],
      ]);
      const verdict = await verifyArchive({ folder, level: 'full' }, context());
      expect(verdict).toMatchObject({ points: 3, wholePoints: 3, problems: [] });
      expect(await wrongFiles(folder, 'snap.2', snapshot(2))).toEqual([]);
      // All the same it is there already now.
      expect(await exportSnapshot(snapshot(lost), folder)).toMatchObject({ isNew: false });
    }
  });

  test('a point whose own stream is there, but not what it builds on, is exported in full', async () => {
    const folder = await archive([0, 1]);
    rmSync(stream(folder, 0));
    expect(await exportSnapshot(snapshot(1), folder)).toMatchObject({ isNew: true, parent: null });
    const verdict = await verifyArchive({ folder, level: 'full' }, context());
    expect(verdict).toMatchObject({ points: 2, wholePoints: 1 });
    expect(await wrongFiles(folder, 'snap.1', snapshot(1))).toEqual([]);
  });

  // The only points that could be restored went, for newer ones that could not.
  test('prune keeps what the rule asks for among the points that are whole', async () => {
    const folder = await archive([0, 1, 2]);
    for (const i of [3, 4]) await exportSnapshot(snapshot(i), folder, { parent: 'full' });
    for (const i of [3, 4]) rmSync(stream(folder, i));
    const keep = Retention.parse({ latest: 2 });
    const summary = await pruneArchive({ folder, keep, nowMs: Date.now() }, context());
    expect(summary.removed).toEqual(['live/snap.0']);
    const restorable = kinds(folder).filter(([, , isRestorable]) => isRestorable);
    expect(restorable.map(([name]) => name)).toEqual(['snap.1', 'snap.2']);
    for (const i of [1, 2]) expect(await wrongFiles(folder, `snap.${i}`, snapshot(i))).toEqual([]);
  });

  // `cp -a` of a drive that ran out of room.
  test('a copy that lacks the newest streams goes on from what it has', async () => {
    const folder = await archive([0, 1, 2]);
    const copy = `${source.dir}/copy`;
    mkdirSync(copy);
    cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
    for (const i of [1, 2]) rmSync(stream(copy, i));
    await exportSnapshot(snapshot(3), copy);
    await exportSnapshot(snapshot(4), folder);
    received(copy, [0, 3]);
    received(folder, [0, 1, 2, 4]);
    // Each used as the other's.
    renameSync(copy, `${source.dir}/swap`);
    renameSync(folder, copy);
    renameSync(`${source.dir}/swap`, folder);
    await exportSnapshot(snapshot(4), folder);
    await exportSnapshot(snapshot(3), copy);
    received(folder, [0, 3, 4]);
    received(copy, [0, 1, 2, 4]);
    for (const one of [folder, copy])
      expect(await wrongFiles(one, 'snap.3', snapshot(3))).toEqual([]);
  });

  test('a stream that was imported and is gone is imported again', async () => {
    const folder = `${source.dir}/imported`;
    const files = [0, 1].map((i) => `${source.dir}/${i}.btrfs`);
    run('btrfs', ['-q', 'send', '-f', files[0]!, snapshot(0)]);
    run('btrfs', ['-q', 'send', '-p', snapshot(0), '-f', files[1]!, snapshot(1)]);
    const input = { folder, files, source: 'live', nowMs: Date.now() };
    await importStreams(input, context());
    rmSync(stream(folder, 0));
    const again = await importStreams({ ...input, nowMs: Date.now() }, context());
    expect(again.imported.map(({ name }) => name)).toEqual(['snap.0']);
    expect(again.known).toEqual([files[1]]);
    const verdict = await verifyArchive({ folder, level: 'full' }, context());
    expect(verdict).toMatchObject({ points: 2, wholePoints: 2, problems: [] });
  });

  // The record of the stream that was replaced brought the point back when it was pruned.
  test('what a killed writer replaced goes with its record', async () => {
    const folder = await archive([0, 1]);
    for (const suffix of ['.btrfs.zst', '.index.zst', '.point.json']) {
      cpSync(`${folder}/live/snap.1${suffix}`, `${folder}/kept${suffix}`);
    }
    let replaces: readonly string[] = [];
    const progress = (): void => {
      replaces = unfinishedIn(`${folder}/live`)[0]!.replaces;
    };
    const input = { folder, point: 'snap.1', nowMs: Date.now() + 1 };
    await syntheticFull(input, { ...context(), progress });
    const [made] = readdirSync(`${folder}/live`).filter((name) => name.startsWith('snap.1'));
    const base = made!.replace(/\.(btrfs|index|point).*/, '');
    expect(base).not.toBe('snap.1');
    // As after a kill behind the manifest.
    for (const suffix of ['.btrfs.zst', '.index.zst', '.point.json']) {
      renameSync(`${folder}/kept${suffix}`, `${folder}/live/snap.1${suffix}`);
    }
    const note = { fingerprint: '', name: 'snap.1', beganAtMs: 0, base, replaces: [...replaces] };
    noteBegun(`${folder}/live`, note);
    const points = ['snap.1'];
    const tidied = { folder, points: [], nowMs: Date.now(), removeUnfinished: true };
    await pruneArchive(tidied, context());
    await pruneArchive({ folder, points, nowMs: Date.now() }, context());
    expect(kinds(folder).map(([name]) => name)).toEqual(['snap.0']);
    expect(readdirSync(`${folder}/live`).filter((name) => name.startsWith('snap.1'))).toEqual([]);
  });

  test('two states of one snapshot are two points, and either can be taken out', async () => {
    const writable = `${source.dir}/twice`;
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', `${source.dir}/live`, writable]);
    const folder = await archive([]);
    await exportSnapshot(writable, folder);
    run('btrfs', ['property', 'set', writable, 'ro', 'false']);
    writeFileSync(`${writable}/changing`, 'in another state');
    run('btrfs', ['property', 'set', writable, 'ro', 'true']);
    expect(await exportSnapshot(writable, folder)).toMatchObject({ isNew: true });
    const { points } = listArchive({ folder }).sources[0]!;
    expect(points.map(({ uuid }) => uuid)).toEqual([points[0]!.uuid, points[0]!.uuid]);
    const going = [`live/${exactly(points[0]!)}`];
    await pruneArchive({ folder, points: going, nowMs: Date.now() }, context());
    const left = listArchive({ folder }).sources[0]!.points;
    expect(left.map(({ ctransid }) => ctransid)).toEqual([points[1]!.ctransid]);
    expect(await wrongFiles(folder, left[0]!.name, writable)).toEqual([]);
  });
});
