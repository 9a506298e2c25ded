import { createHash } from 'node:crypto';
import type { CancelToken } from '../../engine/cancel.ts';
import type { ByteList } from '../index/byte-list.ts';
import { FileHashes } from '../index/file-hash.ts';
import { MAX_HASHED_HOLES } from '../index/hash-limit.ts';
import { holesOf, wholeContent } from '../tree/read-content.ts';
import type { ContentResolver } from '../tree/resolve.ts';
import type { ArchiveTree } from '../tree/tree.ts';

/** Hashes of files that did not come in one piece, from the tree that the stream leads to. */
export function hashComposed(
  due: ByteList,
  tree: ArchiveTree,
  resolver: ContentResolver,
  cancel: CancelToken,
): FileHashes {
  const hashes = new FileHashes();
  for (const bytes of due) {
    const path = bytes.toString('latin1');
    const inode = tree.find(path);
    if (inode?.kind !== 'file' || inode.isIncomplete) continue;
    const sha256 = inode.sha256 ?? hashed(path);
    if (sha256 !== undefined) hashes.add(bytes, sha256);
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
