import { createHash } from 'node:crypto';
import type { CancelToken } from '../../engine/cancel.ts';
import type { FileHash } from '../index/file-hash.ts';
import { MAX_HASHED_HOLES } from '../index/hash-limit.ts';
import { holesOf, wholeContent } from '../tree/read-content.ts';
import type { ContentResolver } from '../tree/resolve.ts';
import type { ArchiveTree } from '../tree/tree.ts';

/** Hashes of files that did not come in one piece, from the tree that the stream leads to. */
export function hashComposed(
  due: Iterable<string>,
  tree: ArchiveTree,
  resolver: ContentResolver,
  cancel: CancelToken,
): FileHash[] {
  const hashes: FileHash[] = [];
  for (const path of due) {
    const inode = tree.find(path);
    if (inode?.kind !== 'file' || inode.isIncomplete) continue;
    const sha256 = inode.sha256 ?? hashed(path);
    if (sha256 !== undefined) hashes.push({ path, sha256 });
  }
  return hashes;

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
