import {
  AT_SYMLINK_NOFOLLOW,
  closeFd,
  cString,
  O_DIRECTORY,
  O_RDONLY,
  openBeneath,
  statAt,
  type FileStatus,
} from '../../linux/files.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';

const SLASH = 0x2f;
const MAX_PATH_BYTES = 4096;
/** The longest name that the common filesystems take. */
const MAX_NAME_BYTES = 255;
/** Short, and with a letter in it: what stands behind the dot of `home.20261130-043200` is a time. */
const EXTENSION = /.(\.(?=[^.]*[A-Za-z\x80-\xff])[\w\x80-\xff-]{1,12})$/s;

/** How a name is marked: of what was restored beside, and of what was there before. */
export type Mark = 'restored' | 'before restore';

/**
 * The path itself when nothing stands there, else the same with ' (restored)',
 * ' (restored 2)' ... before the extension: what exists is never touched.
 */
export function freePath(
  root: number,
  path: Uint8Array,
  isTaken: (path: Uint8Array) => boolean = () => false,
): Uint8Array {
  const isFree = !exists(root, path) && !isTaken(path);
  return isFree ? path : freeMarkedPath(root, path, 'restored', isTaken);
}

/** The path with the mark, and a number where that is taken too. */
export function freeMarkedPath(
  root: number,
  path: Uint8Array,
  mark: Mark,
  isTaken: (path: Uint8Array) => boolean = () => false,
): Uint8Array {
  for (let number = 1; ; number += 1) {
    const tried = renamed(path, number === 1 ? ` (${mark})` : ` (${mark} ${number})`);
    if (!exists(root, tried) && !isTaken(tried)) return tried;
  }
}

export function exists(root: number, path: Uint8Array): boolean {
  return statusOf(root, path) !== undefined;
}

/** Of what stands at a path, not following a link; undefined when nothing does. */
export function statusOf(root: number, path: Uint8Array): FileStatus | undefined {
  try {
    return reached(root, path, (dir, rest) =>
      statAt(dir, cString(rest.length === 0 ? '.' : rest), AT_SYMLINK_NOFOLLOW),
    );
  } catch (error) {
    if (isErrno(error, ERRNO.ENOENT, ERRNO.ENOTDIR)) return undefined;
    throw error;
  }
}

/** Goes down a path that is longer than a system call takes in parts. */
export function reached<T>(
  root: number,
  path: Uint8Array,
  use: (dir: number, rest: Uint8Array) => T,
): T {
  if (path.length < MAX_PATH_BYTES) return use(root, path);
  const slash = path.lastIndexOf(SLASH, MAX_PATH_BYTES - 1);
  const fd = openBeneath(root, cString(path.subarray(0, slash)), O_RDONLY | O_DIRECTORY);
  try {
    return reached(fd, path.subarray(slash + 1), use);
  } finally {
    closeFd(fd);
  }
}

export function parentPath(path: Uint8Array): Uint8Array {
  return path.subarray(0, Math.max(0, path.lastIndexOf(SLASH)));
}

/** A name that gets too long by the mark is cut at its end, at a whole character. */
function renamed(path: Uint8Array, text: string): Uint8Array {
  const name = path.lastIndexOf(SLASH) + 1;
  // A dot at the start of a name is no extension.
  const [, behind = ''] = EXTENSION.exec(Buffer.from(path.subarray(name)).toString('latin1')) ?? [];
  const end = path.length - behind.length;
  const mark = Buffer.from(text);
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
