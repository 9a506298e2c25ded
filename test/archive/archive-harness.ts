import { mkdirSync, readFileSync } from 'node:fs';
import { placeOf } from '../../main/cli/place.ts';
import { CancelToken } from '../../main/engine/cancel.ts';
import { exportArchive } from '../../main/archive/export/export-archive.ts';
import type { ExportInput } from '../../main/archive/export/export-summary.ts';
import { openTree } from '../../main/archive/read/open-tree.ts';
import { openReader } from '../../main/archive/read/reader.ts';
import { wholeContent } from '../../main/archive/tree/read-content.ts';
import type { Secrets } from '../../main/archive/folder/keys.ts';
import { compareTrees, showDifferences, type CompareOptions } from '../harness/compare.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { fillTree } from '../harness/fill.ts';
import { run } from '../harness/run.ts';

export const context = () => ({ cancel: new CancelToken(), progress: () => {} });

/** Exports a mounted snapshot. */
export function exportSnapshot(path: string, folder: string, more: Partial<ExportInput> = {}) {
  const { volume, subvolumeId } = placeOf(path);
  const input = { volume, snapshotId: subvolumeId, folder, nowMs: Date.now(), ...more };
  return exportArchive(input, context());
}

export interface Chain {
  readonly source: TestBtrfs;
  /** Paths of the snapshots, oldest first. */
  readonly snapshots: readonly string[];
}

/** A subvolume with every kind of file and a random history, snapshotted after each round. */
export function makeChain(count: number, seed: number, edits = 25): Chain {
  const source = makeBtrfs({ sizeMiB: 1024 });
  const live = `${source.dir}/live`;
  run('btrfs', ['-q', 'subvolume', 'create', live]);
  fillTree(live, { files: 60, seed });
  mkdirSync(`${live}/random`);
  const tree = new RandomTree(`${live}/random`, new Random(seed));
  const snapshots: string[] = [];
  for (let i = 0; i < count; i += 1) {
    tree.edit(edits);
    snapshots.push(`${source.dir}/snap.${i}`);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, snapshots.at(-1)!]);
  }
  return { source, snapshots };
}

export function differences(left: string, right: string, options?: CompareOptions): string[] {
  return showDifferences(compareTrees(left, right, options));
}

/** Every file of a point, compared byte for byte with the snapshot; what differs. */
export async function wrongFiles(
  folder: string,
  point: string,
  snapshot: string,
  secrets: Secrets = {},
): Promise<string[]> {
  const reader = await openReader(folder, secrets);
  try {
    const ref = reader.all.find((one) => one.point.name === point)!;
    await reader.unlock(reader.closureOf(ref));
    const { tree, resolver } = openTree(reader, ref, context().cancel);
    // That the records beside the streams stand in for the manifest is no fault of a point.
    const wrong = reader.notes
      .filter(({ code }) => code !== 'manifest-missing')
      .map(({ text }) => text);
    for (const { path, inode } of tree.walk()) {
      if (inode.kind !== 'file') continue;
      const pieces: Buffer[] = [];
      // Each is borrowed until the next one.
      for (const bytes of wholeContent(path, inode.version, resolver)) {
        pieces.push(Buffer.from(bytes));
      }
      const ours = Buffer.concat(pieces);
      const real = readFileSync(Buffer.from(`${snapshot}/${path}`, 'latin1'));
      if (!ours.equals(real)) wrong.push(path);
    }
    return wrong;
  } finally {
    reader.close();
  }
}
