import { createHash } from 'node:crypto';
import { DendroError } from '../../../shared/errors.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { isRegular, lookup, readFile, readInode, type Subvolume } from '../../engine/tree/index.ts';
import type { ByteList } from '../index/byte-list.ts';
import { FileHashes } from '../index/file-hash.ts';
import { MAX_HASHED_HOLES } from '../index/hash-limit.ts';

/** Hashes files whose content did not come whole with the stream, out of the snapshot itself. */
export function hashDue(
  due: ByteList,
  snapshot: Subvolume,
  cancel: CancelToken,
  onProgress: (path: string) => void,
): FileHashes {
  const hashes = new FileHashes();
  for (const path of due) {
    cancel.check();
    onProgress(path.toString('latin1'));
    const sha256 = hashOf(snapshot, path, cancel);
    if (sha256 !== undefined) hashes.add(path, sha256);
  }
  return hashes;
}

function hashOf(snapshot: Subvolume, path: Buffer, cancel: CancelToken): Buffer | undefined {
  const number = inodeAt(snapshot, path);
  const inode = number === undefined ? undefined : readInode(snapshot, number);
  if (inode === undefined || !isRegular(inode.mode)) return undefined;
  if (inode.size - inode.bytes > MAX_HASHED_HOLES) return undefined;
  const hash = createHash('sha256');
  for (const { data } of readFile(snapshot, inode.number)) {
    cancel.check();
    hash.update(data);
  }
  return hash.digest();
}

/** A path of the stream that is gone again at its end has no hash. */
function inodeAt(snapshot: Subvolume, path: Buffer): number | undefined {
  try {
    const found = lookup(snapshot, path);
    return found.subvolume.id === snapshot.id ? found.inode : undefined;
  } catch (error) {
    if (error instanceof DendroError && error.kind === 'Conflict') return undefined;
    throw error;
  }
}
