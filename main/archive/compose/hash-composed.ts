import { createHash } from 'node:crypto';
import type { CancelToken } from '../../engine/cancel.ts';
import type { ByteList } from '../index/byte-list.ts';
import { FileHashes } from '../index/file-hash.ts';
import { MAX_HASHED_HOLES } from '../index/hash-limit.ts';
import { holesOf, wholeContent } from '../tree/read-content.ts';
import type { Inode } from '../tree/inode.ts';
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
    const sha256 = inode.sha256 ?? contentHash(path, inode, resolver, cancel);
    if (sha256 !== undefined) hashes.add(bytes, sha256);
  }
  return hashes;
}

/** Undefined where nearly all of it is a hole. */
export function contentHash(
  path: string,
  { version }: Inode,
  resolver: ContentResolver,
  cancel: CancelToken,
): Buffer | undefined {
  if (holesOf(version, resolver) > MAX_HASHED_HOLES) return undefined;
  const hash = createHash('sha256');
  for (const bytes of wholeContent(path, version, resolver)) {
    cancel.check();
    hash.update(bytes);
  }
  return hash.digest();
}
