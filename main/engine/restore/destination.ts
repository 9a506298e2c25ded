import { statAt, AT_SYMLINK_NOFOLLOW, cString } from '../../linux/files.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';

const DOT = 0x2e;
const SLASH = 0x2f;

/**
 * The path itself when nothing stands there, else the same with ' (restored)',
 * ' (restored 2)' ... before the extension: what exists is never touched.
 */
export function freePath(root: number, path: Uint8Array): Uint8Array {
  for (let number = 0; ; number += 1) {
    const tried = number === 0 ? path : renamed(path, number);
    if (!exists(root, tried)) return tried;
  }
}

export function exists(root: number, path: Uint8Array): boolean {
  try {
    statAt(root, cString(path), AT_SYMLINK_NOFOLLOW);
    return true;
  } catch (error) {
    if (isErrno(error, ERRNO.ENOENT, ERRNO.ENOTDIR)) return false;
    throw error;
  }
}

function renamed(path: Uint8Array, number: number): Uint8Array {
  const name = path.lastIndexOf(SLASH) + 1;
  const dot = path.lastIndexOf(DOT);
  // A dot at the start of a name is no extension.
  const end = dot > name ? dot : path.length;
  const mark = Buffer.from(number === 1 ? ' (restored)' : ` (restored ${number})`);
  return Buffer.concat([path.subarray(0, end), mark, path.subarray(end)]);
}
