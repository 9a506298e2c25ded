import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticFull } from '../../main/archive/compose/synthetic-full.ts';
import { importStreams } from '../../main/archive/import/import-streams.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { purgeArchive } from '../../main/archive/prune/purge-archive.ts';
import { restoreArchiveSnapshot } from '../../main/archive/restore/restore-snapshot.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { context, differences, exportSnapshot, makeChain, type Chain } from './archive-harness.ts';
import { followReadme } from './follow-readme.ts';

const POINTS = 4;
/** Version 1 of the stream carries neither, the stock receive applies no flags. */
const CARRIED = { except: ['flags' as const, 'holes' as const] };
const PASSPHRASE = 'twelve green bottles';
const nowMs = Date.now();

/** What has to be where, below the target, when README.txt was followed: snapshots by path. */
type Expected = Readonly<Record<string, string>>;

describeKernel('README.txt, followed to the letter with stock tools', () => {
  let chain: Chain;
  let dir: string;
  let folder: string;
  let count = 0;
  beforeAll(() => {
    chain = makeChain(POINTS, 77, 15);
    ({ dir } = chain.source);
  });
  afterAll(() => chain.source.close());

  const fresh = (): string => (folder = `${dir}/archive-${(count += 1)}`);
  const exported = async (more = {}): Promise<void> => {
    fresh();
    for (const snapshot of chain.snapshots) await exportSnapshot(snapshot, folder, more);
  };
  const brings = (expected: Expected, key?: string): void => {
    const target = makeBtrfs({ sizeMiB: 1024 });
    try {
      followReadme(folder, target.dir, PASSPHRASE, key);
      const made = run('btrfs', ['subvolume', 'list', '-r', target.dir]).stdout.toString();
      const paths = made
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(line.indexOf(' path ') + 6));
      expect(paths.sort()).toEqual(Object.keys(expected).sort());
      for (const [path, snapshot] of Object.entries(expected)) {
        const found = differences(snapshot, `${target.dir}/${path}`, CARRIED);
        // The kernel's increments do not set the times of the top again.
        expect([path, found.filter((line) => !line.startsWith('/: mtime'))]).toEqual([path, []]);
      }
    } finally {
      target.close();
    }
  };
  const snapshots = (...numbers: number[]): Expected =>
    Object.fromEntries(numbers.map((i) => [`snap.${i}`, chain.snapshots[i]!]));
  /** As some tools lay snapshots out: a folder for each, and the same name in it. */
  const numbered = (name: string): string[] => {
    const live = `${dir}/${name}`;
    run('btrfs', ['-q', 'subvolume', 'create', live]);
    return [1, 2, 3].map((number) => {
      writeFileSync(`${live}/file-${number}`, `${number} `.repeat(number * 5_000));
      mkdirSync(`${dir}/${name}-snapshots/${number}`, { recursive: true });
      const path = `${dir}/${name}-snapshots/${number}/snapshot`;
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, path]);
      return path;
    });
  };

  test('an archive for a recipient, in parts', async () => {
    const key = `${dir}/identity.txt`;
    run('age-keygen', ['-o', key]);
    const recipient = /public key: (age1\w+)/.exec(readFileSync(key, 'utf8'))![1]!;
    await exported({ encryption: { recipients: [recipient] }, partBytes: 1 << 20 });
    brings(snapshots(0, 1, 2, 3), key);
  });

  test('an archive with a passphrase, after a synthetic full and a prune', async () => {
    const secrets = { passphrase: PASSPHRASE };
    await exported({ encryption: { passphrase: PASSPHRASE, workFactor: 10 } });
    await syntheticFull({ folder, point: 'snap.1', secrets, nowMs }, context());
    await pruneArchive({ folder, points: ['snap.0', 'snap.2'], secrets, nowMs }, context());
    brings(snapshots(1, 3));
  });

  test('an archive in parts, purged', async () => {
    await exported({ partBytes: 1 << 20 });
    await purgeArchive({ folder, pattern: 'random/', nowMs }, context());
    const target = makeBtrfs({ sizeMiB: 1024 });
    try {
      followReadme(folder, target.dir, '');
      for (const [i, snapshot] of chain.snapshots.entries()) {
        const found = differences(snapshot, `${target.dir}/snap.${i}`, CARRIED);
        expect(found.filter((line) => !line.startsWith('/random'))).toEqual([]);
      }
    } finally {
      target.close();
    }
  });

  // "Oldest first", and the older ones built upon the newest.
  test('a newer snapshot that went first', async () => {
    fresh();
    for (const i of [3, 1, 2, 0]) await exportSnapshot(chain.snapshots[i]!, folder);
    expect(listArchive({ folder }).sources[0]!.points[0]!.kind).toBe('increment');
    brings(snapshots(0, 1, 2, 3));
  });

  test('imported streams whose files tell no time, and one that takes from another source', async () => {
    const [a, b, c, d] = chain.snapshots as [string, string, string, string];
    const other = `${dir}/other`;
    run('btrfs', ['-q', 'subvolume', 'create', other]);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', other, `${other}.0`]);
    run('cp', ['-a', '--reflink=always', `${a}/tree`, `${other}/copies`]);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', other, `${other}.1`]);
    const script = `
      mkdir ${dir}/raw; cd ${dir}/raw
      btrfs send -q ${a} > 4.btrfs; btrfs send -q -p ${a} ${b} > 3.btrfs
      btrfs send -q -p ${b} -c ${a} ${c} | xz -1 > 2.btrfs.xz; btrfs send -q -p ${c} ${d} > 1.btrfs
      mkdir ${dir}/others
      (btrfs send -q ${other}.0; btrfs send -q -p ${other}.0 -c ${a} ${other}.1) > ${dir}/others/both
      touch -d '1 hour ago' 4.btrfs; touch -d '2 hours ago' 3.btrfs; touch -d '3 hours ago' 2.btrfs.xz
      touch -d '4 hours ago' 1.btrfs
    `;
    run('bash', ['-ec', script]);
    fresh();
    const input = { folder, nowMs };
    await importStreams({ ...input, files: [`${dir}/others/both`], source: 'others' }, context());
    await importStreams({ ...input, files: [`${dir}/raw`] }, context());
    const taken = listArchive({ folder }).sources.flatMap(({ points }) => points);
    expect(taken.length).toBe(6);
    brings({ ...snapshots(0, 1, 2, 3), 'other.0': `${other}.0`, 'other.1': `${other}.1` });
  });

  // The second one met the first at the target: "File exists".
  test('snapshots that have the same name, of one source and of two', async () => {
    const [ours, theirs] = [numbered('ours'), numbered('theirs')];
    const expected: Record<string, string> = {};
    fresh();
    const files = `${dir}/same`;
    mkdirSync(files);
    for (const [source, paths] of Object.entries({ ours, theirs })) {
      for (const [i, path] of paths.entries()) {
        const parent = i === 0 ? [] : ['-p', paths[i - 1]!];
        run('btrfs', ['-q', 'send', ...parent, '-f', `${files}/${source}-${i}`, path]);
        const input = { folder, files: [`${files}/${source}-${i}`], source, nowMs };
        await importStreams(input, context());
        expected[`${source}/snapshot${i === 0 ? '' : `~${i + 1}`}/snapshot`] = path;
      }
    }
    brings(expected);
    const [last] = listArchive({ folder }).sources[0]!.points.slice(-1);
    for (const keepChain of [false, true]) {
      const target = makeBtrfs({ sizeMiB: 512 });
      try {
        const input = { folder, point: `ours/${last!.uuid}`, destination: target.dir, keepChain };
        const { path } = await restoreArchiveSnapshot(input, context());
        expect(path).toBe(`${target.dir}/snapshot`);
        expect(differences(ours[2]!, path, CARRIED)).toEqual([]);
        const names = run('ls', [target.dir]).stdout.toString().trimEnd().split('\n');
        expect(names).toEqual(keepChain ? ['snapshot', 'snapshot~2', 'snapshot~3'] : ['snapshot']);
      } finally {
        target.close();
      }
    }
    const short = last!.uuid.slice(0, 8);
    const list = run(dendro, ['archive', 'list', folder]).stdout.toString();
    expect(list).toContain(`ours/snapshot (${short})`);
    const ls = (point: string) => run(dendro, ['archive', 'ls', folder, point], { accept: [0, 6] });
    expect(ls('ours/snapshot').stderr).toContain(`ours/${short}`);
    expect(ls(`ours/${short}`).stdout.toString()).toContain('file-3');
    // An export gives each a name of its own, so that nobody has to tell them apart by their uuid.
    fresh();
    for (const path of ours) await exportSnapshot(path, folder);
    brings({ snapshot: ours[0]!, 'snapshot.2': ours[1]!, 'snapshot.3': ours[2]! });
  });
});
