import { checked, ERRNO, pathText, throwErrno } from './libc-error.ts';
import { lastErrno, libc, type Pointer } from './libc.ts';

/** XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
const VALUE_MAX_BYTES = 65536;
const LIST_MAX_BYTES = 65536;

/** Where the attributes are: an open file, or a path ending in a NUL (never followed). */
export type XattrTarget = number | Uint8Array;

const scratch = Buffer.alloc(VALUE_MAX_BYTES);

/** All attribute names, each without its NUL; none where the filesystem has no attributes. */
export function listXattrs(target: XattrTarget): Buffer[] {
  const size = list(target, scratch, LIST_MAX_BYTES);
  if (size < 0) {
    if (lastErrno() === ERRNO.EOPNOTSUPP) return [];
    throwErrno(lastErrno(), 'list the attributes of', of(target));
  }
  const names: Buffer[] = [];
  let start = 0;
  for (let at = 0; at < size; at += 1) {
    if (scratch[at] !== 0) continue;
    names.push(Buffer.from(scratch.subarray(start, at)));
    start = at + 1;
  }
  return names;
}

/** The value, or undefined when there is none by this name. `name` ends in a NUL. */
export function getXattr(
  target: XattrTarget,
  name: Uint8Array,
  path?: Uint8Array,
): Buffer | undefined {
  const size = get(target, name, scratch, VALUE_MAX_BYTES);
  if (size >= 0) return Buffer.from(scratch.subarray(0, size));
  const errno = lastErrno();
  if (errno === ERRNO.ENODATA || errno === ERRNO.EOPNOTSUPP) return undefined;
  return throwErrno(errno, `read the attribute ${pathText(name)} of`, path ?? of(target));
}

/**
 * Sets the attribute, creating or replacing it. `name` ends in a NUL. `path` is what an error
 * says of an open file.
 */
export function setXattr(
  target: XattrTarget,
  name: Uint8Array,
  value: Uint8Array,
  path?: Uint8Array,
): void {
  const result =
    typeof target === 'number'
      ? libc().fsetxattr(target, name, value, value.length, 0)
      : libc().lsetxattr(target, name, value, value.length, 0);
  checked(result, `set the attribute ${pathText(name)} of`, path ?? of(target));
}

/** Removes the attribute; false when it was not there. `name` and `path` as in `setXattr`. */
export function removeXattr(target: XattrTarget, name: Uint8Array, path?: Uint8Array): boolean {
  const result =
    typeof target === 'number'
      ? libc().fremovexattr(target, name)
      : libc().lremovexattr(target, name);
  if (result >= 0) return true;
  const errno = lastErrno();
  if (errno === ERRNO.ENODATA) return false;
  return throwErrno(errno, `remove the attribute ${pathText(name)} of`, path ?? of(target));
}

function list(target: XattrTarget, into: Pointer, size: number): number {
  return typeof target === 'number'
    ? libc().flistxattr(target, into, size)
    : libc().llistxattr(target, into, size);
}

function get(target: XattrTarget, name: Uint8Array, into: Pointer, size: number): number {
  return typeof target === 'number'
    ? libc().fgetxattr(target, name, into, size)
    : libc().lgetxattr(target, name, into, size);
}

function of(target: XattrTarget): Uint8Array | undefined {
  return typeof target === 'number' ? undefined : target;
}
