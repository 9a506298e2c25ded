import { createHash } from 'node:crypto';
import type { CancelToken } from '../../engine/cancel.ts';
import { MAX_HASHED_HOLES } from '../index/hash-limit.ts';
import type { IndexWriter } from '../index/index-writer.ts';
import { holesOf, wholeContent } from '../tree/read-content.ts';
import type { ContentResolver } from '../tree/resolve.ts';
import type { ArchiveTree } from '../tree/tree.ts';

/** Hashes of files that did not come in one piece, from the tree that the stream leads to. */
export function hashComposed(
  index: IndexWriter,
  tree: ArchiveTree,
  resolver: ContentResolver,
  cancel: CancelToken,
): void {
  index.settle();
  for (const path of index.hasher.due) {
    const inode = tree.find(path);
    if (inode?.kind !== 'file' || inode.isIncomplete) continue;
    const hash = inode.sha256 ?? hashed(path);
    if (hash !== undefined) index.hash(Buffer.from(path, 'latin1'), hash);
  }
  function hashed(path: string): Buffer | undefined {
    const { version } = tree.require(path);
    if (holesOf(version, resolver) > MAX_HASHED_HOLES) return undefined;
    const hash = createHash('sha256');
    for (const bytes of wholeContent(path, version, resolver)) {
      cancel.check();
      hash.update(bytes);
    }
    return hash.digest();
  }
}
