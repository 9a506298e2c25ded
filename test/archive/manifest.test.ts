import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { purgeArchive } from '../../main/archive/prune/purge-archive.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import type { Manifest } from '../../main/archive/format/manifest.ts';
import { describeKernel } from '../harness/kernel.ts';
import { context, exportSnapshot, makeChain, wrongFiles, type Chain } from './archive-harness.ts';

const NAMES = ['snap.0', 'snap.1', 'snap.2'];

describeKernel('what describes an archive', () => {
  let chain: Chain;
  let whole: string;
  let count = 0;
  beforeAll(async () => {
    chain = makeChain(NAMES.length, 31, 10);
    whole = `${chain.source.dir}/whole`;
    for (const snapshot of chain.snapshots) await exportSnapshot(snapshot, whole);
  });
  afterAll(() => chain.source.close());

  const copied = (): string => {
    const folder = `${whole}-${(count += 1)}`;
    cpSync(whole, folder, { recursive: true });
    return folder;
  };
  const edited = (edit: (manifest: Manifest) => void): string => {
    const folder = copied();
    const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')) as Manifest;
    edit(manifest);
    writeFileSync(`${folder}/manifest.json`, JSON.stringify(manifest));
    return folder;
  };
  const listed = (folder: string): string[] =>
    listArchive({ folder }).sources.flatMap(({ points }) => points.map(({ name }) => name));
  const verify = (folder: string) => verifyArchive({ folder, level: 'full' }, context());

  // It was told to be made again by rebuild-index, which refused because it was damaged.
  test('damaged, and no record beside the streams: rebuild-index makes it again', async () => {
    const text = readFileSync(`${whole}/manifest.json`);
    for (const damaged of [text.subarray(0, 500), '', 'null', '[]', Buffer.alloc(4096)]) {
      const folder = copied();
      for (const name of readdirSync(`${folder}/live`).filter((one) => /point\.json$/.test(one)))
        rmSync(`${folder}/live/${name}`);
      writeFileSync(`${folder}/manifest.json`, damaged);
      const asked = (): unknown => listArchive({ folder });
      expect(asked).toThrow(/manifest\.json of the archive is damaged/);
      const { failures, adopted } = await rebuildIndex({ folder, nowMs: 0 }, context());
      expect([failures, adopted.length]).toEqual([[], NAMES.length]);
      expect(listed(folder)).toEqual(NAMES);
      // Somebody may read more out of it than Dendro does.
      expect(readFileSync(`${folder}/manifest.json.damaged`)).toEqual(Buffer.from(damaged));
    }
  });

  // A prune took the files of the one that the other listed as well: it had lost its stream.
  test('a source or a point that is listed twice is one', async () => {
    const twice = [
      edited(({ sources }) => sources.push({ ...sources[0]!, title: 'again' })),
      edited(({ sources: [source] }) => source!.points.push(source!.points[1]!)),
    ];
    for (const folder of twice) {
      expect(listed(folder)).toEqual(NAMES);
      await pruneArchive({ folder, points: ['snap.1'], nowMs: Date.now() }, context());
      expect(listed(folder)).toEqual(['snap.0', 'snap.2']);
      expect((await verify(folder)).problems).toEqual([]);
      expect(await wrongFiles(folder, 'snap.2', chain.snapshots[2]!)).toEqual([]);
    }
  });

  // They were gone with the first export, prune or rebuild-index of an older version.
  test('fields of a newer version stay when it is written again', async () => {
    const added = { tag: 'of a newer version' };
    const folder = edited((manifest) => {
      const [source] = manifest.sources;
      Object.assign(manifest, added);
      Object.assign(source!, added);
      for (const point of source!.points) {
        Object.assign(point, added);
        Object.assign(point.parts[0]!, added);
      }
    });
    for (const name of readdirSync(`${folder}/live`).filter((one) => /\.json$/.test(one))) {
      const path = `${folder}/live/${name}`;
      const record = JSON.parse(readFileSync(path, 'utf8')) as object;
      writeFileSync(path, JSON.stringify({ ...record, ...added, other: { deep: [1, null] } }));
    }
    const tagged = (): unknown[] => {
      const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')) as Manifest;
      const [source] = manifest.sources;
      const records = readdirSync(`${folder}/live`).filter((one) => /\.json$/.test(one));
      const files = records.map((name) => readFileSync(`${folder}/live/${name}`, 'utf8'));
      expect(files.length).toBe(source!.points.length + 1);
      return [
        manifest,
        source!,
        ...source!.points,
        ...files.map((text) => JSON.parse(text) as object),
      ];
    };
    const nowMs = Date.now();
    const works = [
      () => pruneArchive({ folder, points: ['snap.0'], nowMs }, context()),
      () => purgeArchive({ folder, pattern: 'random', nowMs }, context()),
      () => rebuildIndex({ folder, nowMs }, context()),
      // The records are all that is left.
      () => {
        rmSync(`${folder}/manifest.json`);
        return rebuildIndex({ folder, nowMs }, context());
      },
    ];
    for (const [i, work] of works.entries()) {
      await work();
      const records = i === works.length - 1 ? tagged().slice(1) : tagged();
      for (const record of records) expect(record).toMatchObject(added);
    }
    expect((await verify(folder)).problems).toEqual([]);
  });

  // Each was told as a damaged record, and verify said that the archive is not whole.
  test('what macOS puts beside each file on a drive of Windows is none of the archive', async () => {
    const folder = copied();
    for (const name of ['snap.0.btrfs.zst', 'snap.0.index.zst', 'snap.0.point.json'])
      writeFileSync(`${folder}/live/._${name}`, '\x00\x05\x16\x07\x00\x02');
    mkdirSync(`${folder}/.Trashes`);
    cpSync(`${folder}/live/snap.0.point.json`, `${folder}/.Trashes/snap.0.point.json`);
    expect(listArchive({ folder }).notes).toEqual([]);
    expect(listed(folder)).toEqual(NAMES);
    expect((await verify(folder)).problems).toEqual([]);
    const { failures, notes } = await rebuildIndex({ folder, nowMs: 0 }, context());
    expect([failures, notes]).toEqual([[], []]);
    expect(existsSync(`${folder}/live/._snap.0.btrfs.zst`)).toBe(true);
  });

  // An export to a drive that had been in another computer was refused: it "holds other things".
  test('an archive begins in a drive that has nothing but what systems put there', async () => {
    const folder = `${chain.source.dir}/fresh`;
    const theirs = [
      ...['desktop.ini', 'Thumbs.db', '._x', '.DS_Store', 'autorun.inf', 'lost+found/#1'],
      ...['System Volume Information/WPSettings.dat', '$Recycle.Bin/x', 'RECYCLER/x'],
      ...['FOUND.000/FILE0000.CHK', 'LOST.DIR/1'],
    ];
    for (const name of theirs) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), 'x');
    }
    await exportSnapshot(chain.snapshots[0]!, folder);
    expect(listed(folder)).toEqual(['snap.0']);
    expect(theirs.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  });
});
