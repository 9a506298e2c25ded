import { statAt, AT_SYMLINK_NOFOLLOW, cString } from '../../linux/files.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';

const DOT = 0x2e;
const SLASH = 0x2f;
/** NAME_MAX of linux/limits.h. */
const MAX_NAME_BYTES = 255;

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
  const room = MAX_NAME_BYTES - mark.length;
  const extension = path.subarray(end).length < room ? path.subarray(end) : new Uint8Array(0);
  const stem = shortened(path.subarray(name, end), room - extension.length);
  return Buffer.concat([path.subarray(0, name), stem, mark, extension]);
}

/** At most so many bytes, and not through the middle of a character of UTF-8. */
function shortened(name: Uint8Array, bytes: number): Uint8Array {
  if (name.length <= bytes) return name;
  let end = bytes;
  while (end > 1 && (name[end]! & 0xc0) === 0x80) end -= 1;
  return name.subarray(0, end);
}
