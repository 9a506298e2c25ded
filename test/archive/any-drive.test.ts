import { mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreArchiveSnapshot } from '../../main/archive/restore/restore-snapshot.ts';
import { fromArchive } from '../../main/places/restore/from-archive.ts';
import { restorePlace } from '../../main/places/restore/restore-place.ts';
import { openReader } from '../../main/archive/read/reader.ts';
import { openTree } from '../../main/archive/read/open-tree.ts';
import { textFromBytes } from '../../shared/model/bytes-text.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, missingTool, mountForeign } from '../receive/foreign-filesystem.ts';
import { context, differences, exportSnapshot, makeChain, type Chain } from './archive-harness.ts';
import { followReadme } from './follow-readme.ts';

/** The whole chain on one filesystem; the others tell names, sizes and locks, not streams. */
const POINTS = 10;
const POINTS_ELSEWHERE = 3;
const FILES_OF_A_POINT = 20;
/** Version 1 of the stream carries neither, the stock receive applies no flags. */
const CARRIED = { except: ['flags' as const, 'holes' as const] };
const PASSPHRASE = 'twelve green bottles';

describeKernel('an archive on any drive', () => {
  let chain: Chain;
  let target: TestBtrfs;
  beforeAll(() => {
    chain = makeChain(POINTS, 6);
    target = makeBtrfs({ sizeMiB: 4096 });
  });
  afterAll(() => {
    chain.source.close();
    target.close();
  });

  for (const foreign of FOREIGN.filter(({ name }) => name !== 'tmpfs')) {
    const missing = missingTool(foreign);
    describe.skipIf(missing !== undefined)(`${foreign.name} ${missing ?? ''}`, () => {
      let drive: { dir: string; close: () => void };
      let folder: string;
      let snapshots: readonly string[];
      const points = foreign.name === 'ext4' ? POINTS : POINTS_ELSEWHERE;
      const secrets = foreign.name === 'ntfs' ? { passphrase: PASSPHRASE } : {};
      beforeAll(async () => {
        snapshots = chain.snapshots.slice(0, points);
        drive = mountForeign(foreign);
        folder = `${drive.dir}/backups`;
        const encryption =
          foreign.name === 'ntfs' ? { passphrase: PASSPHRASE, workFactor: 10 } : {};
        for (const snapshot of snapshots) await exportSnapshot(snapshot, folder, { encryption });
      });
      afterAll(() => drive.close());

      test('every point comes back whole', async () => {
        const into = `${target.dir}/${foreign.name}`;
        mkdirSync(into);
        for (const snapshot of snapshots) {
          const point = snapshot.slice(snapshot.lastIndexOf('/') + 1);
          // From the newest link that is there already.
          const input = { folder, point, destination: into, secrets };
          const restored = await restoreArchiveSnapshot(input, context());
          expect(restored.kind).toBe('subvolume');
          expect(differences(snapshot, restored.path, CARRIED)).toEqual([]);
        }
      });

      test('the last point comes back alone, and nothing that was made on the way stays', async () => {
        const other = makeBtrfs({ sizeMiB: 1024 });
        try {
          const input = { folder, point: 'latest', destination: other.dir, secrets };
          const { path, received } = await restoreArchiveSnapshot(input, context());
          expect(received.length).toBe(points);
          expect(run('ls', [other.dir]).stdout.toString()).toBe(`snap.${points - 1}\n`);
          expect(differences(snapshots.at(-1)!, path, CARRIED)).toEqual([]);
        } finally {
          other.close();
        }
      });

      test(`${points * FILES_OF_A_POINT} files come back singly`, async () => {
        const into = `${target.dir}/single-${foreign.name}`;
        mkdirSync(into);
        const random = new Random(17);
        for (const [i, snapshot] of snapshots.entries()) {
          const paths = await pickFiles(folder, `snap.${i}`, FILES_OF_A_POINT, random, secrets);
          const point = `snap.${i}`;
          const clash = 'keep-both' as const;
          const names = paths.map((path) => textFromBytes(Buffer.from(path, 'latin1')));
          const input = { folder, point, paths: names, destination: into, secrets, clash };
          const { items } = await restorePlace(fromArchive(input), context());
          for (const [k, path] of paths.entries()) {
            const real = readFileSync(Buffer.from(`${snapshot}/${path}`, 'latin1'));
            expect(readFileSync(fromText(items[k]!.path)).equals(real), path).toBe(true);
          }
        }
      });

      test('README.txt, followed to the letter with stock tools, brings every point back', () => {
        const stock = makeBtrfs({ sizeMiB: 2048 });
        try {
          followReadme(folder, stock.dir, PASSPHRASE);
          for (const [i, snapshot] of snapshots.entries()) {
            expect(differences(snapshot, `${stock.dir}/snap.${i}`, CARRIED)).toEqual([]);
          }
        } finally {
          stock.close();
        }
      });
    });
  }
});

async function pickFiles(
  folder: string,
  point: string,
  count: number,
  random: Random,
  secrets: object,
): Promise<string[]> {
  const reader = await openReader(folder, secrets);
  try {
    const ref = reader.all.find((one) => one.point.name === point)!;
    await reader.unlock(reader.closureOf(ref));
    const { tree } = openTree(reader, ref, context().cancel);
    const files = [...tree.walk()].filter(({ inode }) => inode.kind === 'file');
    return Array.from({ length: count }, () => random.pick(files).path);
  } finally {
    reader.close();
  }
}

function fromText(text: string): Buffer {
  const bytes: number[] = [];
  for (const c of text) {
    const code = c.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...Buffer.from(c));
  }
  return Buffer.from(bytes);
}
