import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composeFull, readerOf, syntheticFull } from '../../main/archive/compose/synthetic-full.ts';
import { openToChange } from '../../main/archive/export/prepare.ts';
import { importStreams } from '../../main/archive/import/import-streams.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { purgeArchive } from '../../main/archive/prune/purge-archive.ts';
import { restoreArchiveSnapshot } from '../../main/archive/restore/restore-snapshot.ts';
import { eachInArchive, findInArchive } from '../../main/archive/verbs/browse.ts';
import { diffArchive } from '../../main/archive/verbs/diff.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { archiveVersions } from '../../main/archive/verbs/versions.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import {
  context,
  differences,
  exportSnapshot,
  makeChain,
  wrongFiles,
  type Chain,
} from './archive-harness.ts';

const POINTS = 4;
const KEEP_NONE = {
  ...{ latest: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
  ...{ minAgeHours: 0, minFreePercent: 0 },
};
const CARRIED = { except: ['flags' as const, 'holes' as const] };

describeKernel('an archive over time', () => {
  let chain: Chain;
  let count = 0;
  beforeAll(() => {
    chain = makeChain(POINTS, 23);
  });
  afterAll(() => chain.source.close());

  const exported = async (more = {}): Promise<string> => {
    const folder = `${chain.source.dir}/archive-${(count += 1)}`;
    for (const snapshot of chain.snapshots) await exportSnapshot(snapshot, folder, more);
    return folder;
  };
  const received = (folder: string, points: readonly number[]): void => {
    const target = makeBtrfs({ sizeMiB: 1024 });
    try {
      for (const i of points) {
        const file = listArchive({ folder }).sources[0]!.points.find(
          ({ name }) => name === `snap.${i}`,
        )!.files[0]!;
        run('bash', [
          '-c',
          `set -o pipefail; zstd -dc '${folder}/live/${file}' | btrfs receive -q ${target.dir}`,
        ]);
        expect(differences(chain.snapshots[i]!, `${target.dir}/snap.${i}`, CARRIED)).toEqual([]);
      }
    } finally {
      target.close();
    }
  };
  const problems = async (folder: string) =>
    (await verifyArchive({ folder, level: 'full' }, context())).problems;

  // The index counts: an export told of 389 bytes on the drive, `archive list` of 805.
  const listedBytes = (folder: string): number[] =>
    listArchive({ folder }).sources[0]!.points.map(({ fileBytes }) => fileBytes);
  test('what is told of an export is what it takes on the drive, as the list says', async () => {
    const folder = `${chain.source.dir}/told-bytes`;
    const told: number[] = [];
    for (const snapshot of chain.snapshots)
      told.push((await exportSnapshot(snapshot, folder)).fileBytes);
    expect(told).toEqual(listedBytes(folder));
  });

  // A computer and its clone have the same subvolume, one source in the archive: what the one took
  // later in a day had the other's point of that day go, and with it what its next export builds on.
  test('a computer and its clone keep their own points each', async () => {
    const folder = `${chain.source.dir}/shared-archive`;
    for (const [i, snapshot] of chain.snapshots.entries()) {
      // Both have the first one, from before they were two.
      const computer = i === 0 ? {} : { hardware: i % 2 === 0 ? 'this one' : 'its clone' };
      await exportSnapshot(snapshot, folder, computer);
    }
    const pruned = await pruneArchive(
      { folder, nowMs: Date.now(), keep: { ...KEEP_NONE, latest: 1 } },
      context(),
    );
    expect(pruned.removed).toEqual(['live/snap.0', 'live/snap.1']);
    const points = listArchive({ folder }).sources[0]!.points;
    expect(points.map(({ name, isRestorable }) => [name, isRestorable])).toEqual([
      ['snap.2', true],
      ['snap.3', true],
    ]);
    for (const i of [2, 3]) {
      expect(await wrongFiles(folder, `snap.${i}`, chain.snapshots[i]!)).toEqual([]);
    }
    // Nobody reads out of it which computer that was.
    expect(readFileSync(`${folder}/manifest.json`, 'utf8')).not.toContain('this one');
  });

  test('a synthetic full is what a stock receiver makes the snapshot of, and the next one builds on it', async () => {
    const folder = await exported();
    const made = await syntheticFull({ folder, point: 'snap.2', nowMs: Date.now() }, context());
    expect(made.fileBytes).toBe(listedBytes(folder)[2]);
    received(folder, [2, 3]);
    expect(await problems(folder)).toEqual([]);
  });

  test('the same from a chain with compressed data passed through', async () => {
    const folder = await exported({ protocol: 2, compressedData: true });
    await syntheticFull({ folder, point: 'snap.3', nowMs: Date.now() }, context());
    for (const i of [0, 3])
      expect(await wrongFiles(folder, `snap.${i}`, chain.snapshots[i]!)).toEqual([]);
    expect(await problems(folder)).toEqual([]);
  });

  test('prune: what stays can be restored, also when its parent goes', async () => {
    const folder = await exported();
    const keep = { ...KEEP_NONE, latest: 2 };
    const summary = await pruneArchive({ folder, keep, nowMs: Date.now() }, context());
    expect(summary.removed).toEqual(['live/snap.0', 'live/snap.1']);
    expect(summary.composed).toEqual(['live/snap.2']);
    received(folder, [2, 3]);
    expect(await problems(folder)).toEqual([]);
    expect(readdirSync(`${folder}/live`).filter((name) => /snap\.[01]/.test(name))).toEqual([]);
  });

  test('prune --keep-needed lets stay what is built on', async () => {
    const folder = await exported();
    const summary = await pruneArchive(
      { folder, points: ['snap.1', 'snap.3'], needed: 'keep', nowMs: 0 },
      context(),
    );
    expect(summary.removed).toEqual(['live/snap.3']);
    expect(summary.keptForOthers).toEqual(['live/snap.1']);
    received(folder, [0, 1, 2]);
  });

  test('prune does not trust a clock that is behind', async () => {
    const folder = await exported();
    const keep = { ...KEEP_NONE, latest: 1 };
    await expect(pruneArchive({ folder, keep, nowMs: 0 }, context())).rejects.toMatchObject({
      code: 'clock-wrong',
    });
    expect(listArchive({ folder }).sources[0]!.points.length).toBe(POINTS);
  });

  test('a stream that is composed anew gives the room of the old one back at once', async () => {
    const folder = await exported();
    const archive = openToChange(folder);
    const reader = await readerOf(archive);
    try {
      const ref = reader.all.at(-1)!;
      await composeFull(reader, ref, { nowMs: Date.now() }, context());
      const held = readdirSync('/proc/self/fd').map(openedAs);
      expect(held.filter((path) => path.startsWith(`${folder}/`))).not.toEqual([]);
      expect(held.filter((path) => path.endsWith(' (deleted)') && path.startsWith(folder))).toEqual(
        [],
      );
    } finally {
      reader.close();
      archive.close();
    }
  });

  test('purge: the path is in no stream and no index any more, the rest is as it was', async () => {
    const live = `${chain.source.dir}/secret-live`;
    run('btrfs', ['-q', 'subvolume', 'create', live]);
    const snapshots: string[] = [];
    const snapshot = (): void => {
      snapshots.push(`${chain.source.dir}/secret.${snapshots.length}`);
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, snapshots.at(-1)!]);
    };
    run('mkdir', [`${live}/in`, `${live}/other`]);
    writeFileSync(`${live}/in/key.pem`, 'TOP-SECRET-1 '.repeat(1000));
    writeFileSync(`${live}/other/kept`, 'kept');
    snapshot();
    writeFileSync(`${live}/in/key.pem`, 'TOP-SECRET-2 '.repeat(1000));
    run('mv', [`${live}/in`, `${live}/moved`]);
    run('cp', ['--reflink=always', `${live}/moved/key.pem`, `${live}/other/copy`]);
    snapshot();
    writeFileSync(`${live}/other/kept`, 'kept, and changed');
    snapshot();
    const folder = `${chain.source.dir}/purged`;
    for (const one of snapshots) await exportSnapshot(one, folder);
    const summary = await purgeArchive({ folder, pattern: '*.pem', nowMs: Date.now() }, context());
    expect(summary.rewritten).toEqual(['secret-live/secret.0', 'secret-live/secret.1']);
    for (const name of readdirSync(`${folder}/secret-live`).filter((one) => one.endsWith('.zst'))) {
      const plain = run('zstd', ['-dc', `${folder}/secret-live/${name}`]).stdout;
      expect(plain.includes('key.pem'), name).toBe(false);
      if (name.startsWith('secret.0')) expect(plain.includes('TOP-SECRET')).toBe(false);
    }
    // The copy under another name was not asked for: it stays, with its data.
    const found = await findInArchive({ folder, point: 'secret.2', pattern: '*' }, context());
    const paths: string[] = [];
    const input = { folder, point: 'secret.2', pattern: '*' };
    await eachInArchive(input, context(), (path) => paths.push(path));
    expect(paths).toEqual(found.map(({ path }) => path));
    expect(found.map(({ path }) => path).sort()).toEqual([
      'moved',
      'other',
      'other/copy',
      'other/kept',
    ]);
    expect(await problems(folder)).toEqual([]);
    // It goes by the uuid of the whole snapshot, which is on this volume: that is not built upon.
    const destination = `${chain.source.dir}/back`;
    run('mkdir', [destination]);
    const back = await restoreArchiveSnapshot(
      { folder, point: 'secret.2', destination },
      context(),
    );
    expect(
      run('find', [back.path, '-mindepth', '1', '-printf', '%P\n'])
        .stdout.toString()
        .trim()
        .split('\n')
        .sort(),
    ).toEqual(['moved', 'other', 'other/copy', 'other/kept']);
    run('btrfs', ['-q', 'subvolume', 'delete', back.path]);
    // A further export leaves it out as well.
    writeFileSync(`${live}/moved/key.pem`, 'TOP-SECRET-3');
    snapshot();
    const next = await exportSnapshot(snapshots.at(-1)!, folder);
    // What was purged is another snapshot now: nothing builds on it that was made for the whole.
    expect(next.parent).toBe(null);
    const after = await findInArchive({ folder, point: 'secret.3', pattern: '*.pem' }, context());
    expect(after).toEqual([]);
    run('btrfs', ['-q', 'subvolume', 'delete', live, ...snapshots]);
  });

  // What was written before, and had been replaced already, stayed on the drive with the path.
  test('purge: what a killed purge or an interrupted export left goes as well', async () => {
    const folder = `${chain.source.dir}/leftovers`;
    await exportSnapshot(chain.snapshots[0]!, folder);
    const inside = `${folder}/live`;
    const note = { format: 'dendro-unfinished', fingerprint: '', name: 'snap.0', beganAtMs: 0 };
    const replaces = ['old.btrfs.zst', 'old.index.zst', 'snap.0.btrfs.zst'];
    writeFileSync(
      `${inside}/new.unfinished.json`,
      JSON.stringify({ ...note, base: 'new', replaces }),
    );
    for (const name of ['old.btrfs.zst', 'old.index.zst', 'new.btrfs.zst.partial-0'])
      writeFileSync(`${inside}/${name}`, 'secret');
    await purgeArchive({ folder, pattern: 'nothing-of-this-name', nowMs: Date.now() }, context());
    expect(readdirSync(inside).filter((name) => /^(old|new)\./.test(name))).toEqual([]);
    // A file that a restore point lists is not taken away on the word of a note.
    expect(await problems(folder)).toEqual([]);
  });

  test('purge of one source: what another one builds on it stays as it was', async () => {
    const [a, b] = ['theirs', 'ours'].map((name) => `${chain.source.dir}/${name}`) as [
      string,
      string,
    ];
    run('btrfs', ['-q', 'subvolume', 'create', a]);
    writeFileSync(`${a}/key.pem`, 'TOP-SECRET '.repeat(10_000));
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', a, `${a}.0`]);
    run('btrfs', ['-q', 'subvolume', 'create', b]);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', b, `${b}.0`]);
    run('cp', ['--reflink=always', `${a}/key.pem`, `${b}/copy`]);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', b, `${b}.1`]);
    const folder = `${chain.source.dir}/two-sources`;
    await exportSnapshot(`${a}.0`, folder);
    const file = `${chain.source.dir}/ours.btrfs`;
    run('bash', [
      '-ec',
      `(btrfs send -q ${b}.0; btrfs send -q -p ${b}.0 -c ${a}.0 ${b}.1) > ${file}`,
    ]);
    const input = { folder, files: [file], source: 'ours', nowMs: Date.now() };
    await importStreams(input, context());
    const wanted = { folder, pattern: '*.pem', source: 'theirs', nowMs: Date.now() };
    const { rewritten } = await purgeArchive(wanted, context());
    expect(rewritten).toEqual(['theirs/theirs.0', 'ours/ours.1']);
    expect(await problems(folder)).toEqual([]);
    expect(await wrongFiles(folder, 'ours.1', `${b}.1`)).toEqual([]);
    run('btrfs', ['-q', 'subvolume', 'delete', a, b, `${a}.0`, `${b}.0`, `${b}.1`]);
  });

  test('import: a file that holds a snapshot twice makes one point of it', async () => {
    const file = `${chain.source.dir}/twice.btrfs`;
    const a = chain.snapshots[0]!;
    run('bash', ['-ec', `btrfs send -q -e ${a} ${a} > ${file}`]);
    const folder = `${chain.source.dir}/twice`;
    const input = { folder, files: [file], nowMs: Date.now() };
    const { imported } = await importStreams(input, context());
    expect(imported.map(({ name }) => name)).toEqual(['snap.0']);
    expect(await problems(folder)).toEqual([]);
  });

  test('versions and diff', async () => {
    const folder = await exported();
    const versions = await archiveVersions({ folder, source: null, path: 'random' }, context());
    expect(versions.map(({ point }) => point)).toEqual(['snap.3', 'snap.2', 'snap.1', 'snap.0']);
    const changes = await diffArchive({ folder, from: 'snap.0', to: 'snap.3' }, context());
    expect(changes.length).toBeGreaterThan(0);
    // `archive diff` told of a file that had grown "size, times", where `diff` says "data", too.
    const resized = changes.filter(
      ({ type, aspects }) => type === 'file' && aspects.includes('size'),
    );
    expect(resized.length).toBeGreaterThan(0);
    for (const { aspects } of resized) expect(aspects[0]).toBe('data');
    expect(await diffArchive({ folder, from: 'snap.2', to: 'snap.2' }, context())).toEqual([]);
    await syntheticFull({ folder, point: 'snap.2', nowMs: Date.now() }, context());
    // Across a synthetic full contents are still known to be the same.
    const across = await diffArchive({ folder, from: 'snap.1', to: 'snap.2' }, context());
    const direct = await exported().then((other) =>
      diffArchive({ folder: other, from: 'snap.1', to: 'snap.2' }, context()),
    );
    expect(across).toEqual(direct);
  });

  // Everything below a folder that had moved was told as moved, too.
  test('diff tells once of a folder that moved, and of what changed in it', async () => {
    const { dir } = chain.source;
    const [source, older, newer] = ['moving', 'moving.0', 'moving.1'].map(
      (name) => `${dir}/${name}`,
    );
    run('btrfs', ['subvolume', 'create', source!]);
    mkdirSync(`${source}/a/b`, { recursive: true });
    for (const name of ['a/same', 'a/b/grown', 'a/b/renamed'])
      writeFileSync(`${source}/${name}`, 'x');
    run('btrfs', ['subvolume', 'snapshot', '-r', source!, older!]);
    renameSync(`${source}/a`, `${source}/z`);
    writeFileSync(`${source}/z/b/grown`, 'more');
    renameSync(`${source}/z/b/renamed`, `${source}/z/b/other`);
    run('btrfs', ['subvolume', 'snapshot', '-r', source!, newer!]);
    const folder = `${dir}/moving-archive`;
    for (const snapshot of [older!, newer!]) await exportSnapshot(snapshot, folder);
    const changes = await diffArchive({ folder, from: 'moving.0', to: 'moving.1' }, context());
    const files = changes.filter(({ aspects }) => !isDeepStrictEqual(aspects, ['times']));
    expect(files.map(({ kind, previousPath, path }) => [kind, previousPath, path])).toEqual([
      ['renamed', 'a', 'z'],
      ['changed', 'a/b/grown', 'z/b/grown'],
      ['renamed', 'a/b/renamed', 'z/b/other'],
    ]);
  });

  test('import: streams of the kernel, packed in every way, several in one file, with sidecars of btrbk', async () => {
    const files = `${chain.source.dir}/raw`;
    const [a, b, c, d] = chain.snapshots as [string, string, string, string];
    const script = `
      mkdir ${files}; cd ${files}
      btrfs send -q ${a} | gzip > 1.btrfs.gz
      btrfs send -q -p ${a} ${b} | xz -1 > 2.btrfs.xz
      btrfs send -q -p ${b} -c ${a} ${c} | zstd -q > 3.btrfs.zst
      btrfs send -q -p ${c} ${d} > 4.btrfs
      touch -d '4 hours ago' 1.btrfs.gz; touch -d '3 hours ago' 2.btrfs.xz; touch -d '2 hours ago' 3.btrfs.zst
    `;
    run('bash', ['-ec', script]);
    const folder = `${chain.source.dir}/imported`;
    const input = { folder, files: [files], nowMs: Date.now() };
    const summary = await importStreams(input, context());
    expect(summary.failures).toEqual([]);
    expect(summary.imported.map(({ name }) => name)).toEqual([
      'snap.0',
      'snap.1',
      'snap.2',
      'snap.3',
    ]);
    expect(summary.imported.map(({ fileBytes }) => fileBytes)).toEqual(listedBytes(folder));
    for (const [i, snapshot] of chain.snapshots.entries()) {
      expect(await wrongFiles(folder, `snap.${i}`, snapshot)).toEqual([]);
    }
    const plain = run('zstd', ['-dc', `${folder}/raw/snap.3.btrfs.zst`]).stdout;
    expect(plain.equals(readFileSync(`${files}/4.btrfs`))).toBe(true);
    expect(await problems(folder)).toEqual([]);
    expect((await importStreams(input, context())).known.length).toBe(4);

    // One file with two snapshots, without end marks between them.
    run('bash', ['-ec', `btrfs send -q -e ${a} ${b} > ${files}/both`]);
    const both = `${chain.source.dir}/both-archive`;
    await importStreams({ folder: both, files: [`${files}/both`], nowMs: Date.now() }, context());
    for (const i of [0, 1])
      expect(await wrongFiles(both, `snap.${i}`, chain.snapshots[i]!)).toEqual([]);
  });

  test('import: what is cut short, encrypted or unfinished is refused by name, the others are taken', async () => {
    const files = `${chain.source.dir}/bad`;
    const script = `
      mkdir ${files}; cd ${files}
      btrfs send -q ${chain.snapshots[0]} > good.btrfs
      head -c 300000 good.btrfs > short.btrfs
      gzip -c good.btrfs | head -c 200000 > cut.btrfs.gz
      cp good.btrfs half.btrfs; printf 'TYPE=raw\\nFILE=half.btrfs\\nINCOMPLETE=1\\n' > half.btrfs.info
      echo '-----BEGIN PGP MESSAGE-----' > sealed.btrfs.gpg
      echo 'not a stream' > text.btrfs
    `;
    run('bash', ['-ec', script]);
    const folder = `${chain.source.dir}/some`;
    const summary = await importStreams({ folder, files: [files], nowMs: Date.now() }, context());
    expect(summary.imported.map(({ name }) => name)).toEqual(['snap.0']);
    expect(summary.failures.length).toBe(5);
    expect(readdirSync(`${folder}/bad`).filter((name) => /partial|unfinished/.test(name))).toEqual(
      [],
    );
    expect(await wrongFiles(folder, 'snap.0', chain.snapshots[0]!)).toEqual([]);
  });

  test('a whole point as a plain folder', async () => {
    const folder = await exported();
    const destination = `${chain.source.dir}/plain`;
    run('mkdir', [destination]);
    const input = { folder, point: 'snap.3', destination, plain: true, privileged: true };
    const { kind } = await restoreArchiveSnapshot(input, context());
    expect(kind).toBe('folder');
    const wrong = differences(chain.snapshots[3]!, `${destination}/snap.3`, CARRIED);
    expect(wrong).toEqual([]);
  });
});

/** What a descriptor is open on; '' where it has been closed since. */
function openedAs(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
