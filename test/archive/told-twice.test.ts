import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import type { Manifest, PointRecord } from '../../main/archive/format/manifest.ts';
import type { Secrets } from '../../main/archive/folder/keys.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { context, exportSnapshot, wrongFiles } from './archive-harness.ts';

const NAMES = ['snap.0', 'snap.1', 'snap.2'];
const LEVELS = ['quick', 'chain', 'full'] as const;
const PASSPHRASE = 'secret';

/** One field of the second of three points, and whether its bytes are found by it. */
const CHANGES: readonly [field: string, change: (point: PointRecord) => void, spoils: boolean][] = [
  ['name', (point) => (point.name = 'snap.9'), false],
  ['name', (point) => (point.name = 'snap.2'), false],
  ['uuid', (point) => (point.uuid = 'a'.repeat(32)), true],
  ['ctransid', (point) => (point.ctransid += 1), true],
  ['parent', (point) => (point.parent = null), true],
  ['parent', (point) => (point.parent!.ctransid += 1), true],
  ['cloneSources', ({ cloneSources, parent }) => cloneSources.push(parent!), true],
  ['takenAtMs', (point) => (point.takenAtMs += 1), false],
  ['exportedAtMs', (point) => (point.exportedAtMs += 1), false],
  ['exportedAtMs', (point) => (point.exportedAtMs -= 1), false],
  ['isSynthetic', (point) => (point.isSynthetic = true), false],
  ['excludes', ({ excludes }) => excludes.push('*'), false],
  ['commands', (point) => (point.commands += 1), false],
  [
    'plain',
    ({ plain }) => (plain.sha256 = plain.sha256.replace(/^./, (c) => (c === '0' ? '1' : '0'))),
    true,
  ],
  ['parts', ({ parts }) => (parts[0]!.bytes += 1), true],
  ['parts', ({ parts }) => (parts[0]!.file = 'snap.0.btrfs.zst'), true],
  ['index', ({ index }) => (index!.file = 'snap.0.index.zst'), false],
];

describeKernel('what an archive says twice', () => {
  let source: TestBtrfs;
  let whole: string;
  let count = 0;
  beforeAll(async () => {
    source = makeBtrfs({ sizeMiB: 256 });
    whole = `${source.dir}/whole`;
    run('btrfs', ['-q', 'subvolume', 'create', `${source.dir}/live`]);
    for (const [i, name] of NAMES.entries()) {
      for (let at = i; at < i + 5; at += 1) {
        writeFileSync(`${source.dir}/live/file-${at}`, `${name} ${at} `.repeat(1000 * i + 1));
      }
      const snapshot = `${source.dir}/${name}`;
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', `${source.dir}/live`, snapshot]);
      await exportSnapshot(snapshot, whole);
    }
  });
  afterAll(() => source.close());

  const copied = (from = whole): string => {
    const folder = `${source.dir}/copy-${(count += 1)}`;
    cpSync(from, folder, { recursive: true });
    return folder;
  };
  const json = <T>(path: string, change: (value: T) => unknown): void => {
    const value = JSON.parse(readFileSync(path, 'utf8')) as T;
    change(value);
    writeFileSync(path, JSON.stringify(value));
  };
  const verify = (folder: string, level: (typeof LEVELS)[number], secrets: Secrets = {}) =>
    verifyArchive({ folder, level, secrets }, context());
  const rebuild = (folder: string) => rebuildIndex({ folder, nowMs: 0 }, context());
  const wrong = async (folder: string): Promise<string[]> => {
    const lists = NAMES.map((name) => wrongFiles(folder, name, `${source.dir}/${name}`));
    return (await Promise.all(lists)).flat();
  };

  // A name, transid or parent that was changed in the manifest was not noticed by any verify.
  test.each(CHANGES.map(([field, change, spoils], i) => ({ i, field, change, spoils })))(
    '$i: $field of a point, changed in the manifest or in its record, is noticed',
    async ({ field, change, spoils }) => {
      const places = {
        manifest: (folder: string) =>
          json<Manifest>(`${folder}/manifest.json`, ({ sources }) =>
            change(sources[0]!.points[1]!),
          ),
        record: (folder: string) => json(`${folder}/live/snap.1.point.json`, change),
      };
      for (const [place, edit] of Object.entries(places)) {
        const folder = copied();
        edit(folder);
        for (const level of LEVELS) {
          const { problems, notes, points, wholePoints } = await verify(folder, level);
          const differ = problems.filter(({ code }) => code === 'record-differs');
          // Of an index, which can be made again, a note.
          const told = [...differ.map(({ message }) => message), ...notes];
          expect([place, level, told.length > 0]).toEqual([place, level, true]);
          expect(told.map(({ text }) => text).join(' ')).toContain(field);
          // Which of the two is right is known only when the stream was read.
          if (level === 'quick') expect(wholePoints < points).toBe(spoils);
        }
        expect((await rebuild(folder)).failures).toEqual([]);
        expect(await verify(folder, 'full')).toMatchObject({ problems: [], wholePoints: 3 });
        expect(await wrong(folder)).toEqual([]);
      }
    },
  );

  // They were right in both places, and verify did not ask the stream.
  test.each(CHANGES.filter(([field]) => !/AtMs|isSynthetic|excludes|index/.test(field)))(
    '%s of a point, changed in both places, is not what the stream says',
    async (_field, change) => {
      const folder = copied();
      json<Manifest>(`${folder}/manifest.json`, ({ sources }) => change(sources[0]!.points[1]!));
      json(`${folder}/live/snap.1.point.json`, change);
      const { problems } = await verify(folder, 'full');
      expect(problems.length).toBeGreaterThan(0);
    },
  );

  test('a record that contradicts what cannot be read stays as it was', async () => {
    const folder = copied();
    const path = `${folder}/live/snap.1.point.json`;
    const record = readFileSync(path);
    json<Manifest>(`${folder}/manifest.json`, ({ sources }) => {
      sources[0]!.points[1]!.parts[0]!.file = 'snap.9.btrfs.zst';
    });
    rmSync(`${folder}/live/snap.1.btrfs.zst`);
    expect((await rebuild(folder)).failures.length).toBe(1);
    expect(readFileSync(path)).toEqual(record);
  });

  test('a source, and SHA256SUMS', async () => {
    const changed: [string, (folder: string) => void][] = [
      [
        'source-differs',
        (folder) =>
          json<Manifest>(`${folder}/manifest.json`, ({ sources }) => sources[0]!.purged.push('*')),
      ],
      [
        'source-differs',
        (folder) =>
          json<{ title: string }>(`${folder}/live/source.json`, (one) => (one.title = '')),
      ],
      [
        'checksums-differ',
        (folder) => {
          const text = readFileSync(`${folder}/SHA256SUMS`, 'utf8');
          writeFileSync(
            `${folder}/SHA256SUMS`,
            text.replace(/^./, (c) => (c === '0' ? '1' : '0')),
          );
        },
      ],
    ];
    for (const [code, change] of changed) {
      const folder = copied();
      change(folder);
      for (const level of LEVELS) {
        const { problems, wholePoints } = await verify(folder, level);
        expect(problems).toMatchObject([{ code, spoils: [] }]);
        expect(wholePoints).toBe(3);
      }
      await rebuild(folder);
      expect((await verify(folder, 'quick')).problems).toEqual([]);
    }
  });

  test('what stands in one place only is told, and written again by rebuild-index', async () => {
    for (const name of ['live/snap.1.point.json', 'live/source.json', 'SHA256SUMS']) {
      const folder = copied();
      rmSync(`${folder}/${name}`);
      const { problems, notes } = await verify(folder, 'quick');
      expect([name, problems, notes.length]).toEqual([name, [], 1]);
      await rebuild(folder);
      expect(await verify(folder, 'quick')).toMatchObject({ problems: [], notes: [] });
    }
  });

  // Nothing of the archive could be read, though each stream had its record.
  test('a manifest that is a link is one that is lost', async () => {
    const folder = copied();
    const elsewhere = `${source.dir}/elsewhere.json`;
    renameSync(`${folder}/manifest.json`, elsewhere);
    symlinkSync(elsewhere, `${folder}/manifest.json`);
    const { sources, notes } = listArchive({ folder });
    expect(sources.flatMap(({ points }) => points.map(({ name }) => name))).toEqual(NAMES);
    expect(notes.length).toBe(1);
    await rebuild(folder);
    expect(await verify(folder, 'full')).toMatchObject({ problems: [], wholePoints: 3 });
    expect(readFileSync(elsewhere)).toEqual(readFileSync(`${whole}/manifest.json`));
  });

  // All copies but one could be lost, and nobody was told.
  test('a copy of the key that is lost or damaged is told', async () => {
    const sealed = `${source.dir}/sealed`;
    const encryption = { passphrase: PASSPHRASE, workFactor: 1 };
    await exportSnapshot(`${source.dir}/snap.0`, sealed, { encryption });
    const secrets = { passphrase: PASSPHRASE };
    expect(await verify(sealed, 'full', secrets)).toMatchObject({ problems: [], notes: [] });
    for (const [one, other] of [
      ['', 'live/'],
      ['live/', ''],
    ] as const) {
      const folder = copied(sealed);
      const file = `${one}key.age`;
      const bytes = readFileSync(`${folder}/${file}`);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(`${folder}/${file}`, bytes);
      const quick = await verify(folder, 'quick');
      expect(quick.notes.map(({ code }) => code)).toEqual(['key-copies-differ']);
      const full = await verify(folder, 'full', secrets);
      expect(full.problems).toMatchObject([{ code: 'key-copy', file, spoils: [] }]);
      copyFileSync(`${folder}/${other}key.age`, `${folder}/${file}`);
      expect(await verify(folder, 'full', secrets)).toMatchObject({ problems: [], notes: [] });
      rmSync(`${folder}/${file}`);
      expect((await verify(folder, 'quick')).notes.map(({ code }) => code)).toEqual([
        'key-copy-lost',
      ]);
      // A folder in its place hid the copy that is whole.
      mkdirSync(`${folder}/${file}`);
      const { problems } = await verify(folder, 'full', secrets);
      expect(problems).toMatchObject([{ code: 'key-copy', file }]);
    }
  });

  // A rebuild-index that was killed before the record had "bit rot" told of an index that was right.
  test('an index that was written again and not recorded fits its stream', async () => {
    const folder = copied();
    const file = `${folder}/live/snap.1.index.zst`;
    const plain = run('zstd', ['-dcq', file]).stdout;
    const cut = plain.lastIndexOf('{"format":"dendro-index"');
    const again = Buffer.concat(
      [plain.subarray(0, cut), plain.subarray(cut)].map((frame) =>
        zstdCompressSync(frame, {
          pledgedSrcSize: frame.length,
          params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: 19 },
        }),
      ),
    );
    writeFileSync(file, again);
    const resized = ({ index }: PointRecord): void => {
      index!.bytes = again.length;
    };
    json(`${folder}/live/snap.1.point.json`, resized);
    json<Manifest>(`${folder}/manifest.json`, ({ sources }) => resized(sources[0]!.points[1]!));
    const { problems, notes } = await verify(folder, 'full');
    expect(problems).toEqual([]);
    expect(notes.map(({ code }) => code)).toEqual(['index-not-recorded']);
  });
});
