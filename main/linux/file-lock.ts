import { ERRNO, throwErrno } from './libc-error.ts';
import { lastErrno, libc } from './libc.ts';

const LOCK_EXCLUSIVE = 2;
const LOCK_NOT_BLOCKING = 4;

/** Errors of flock(2) on filesystems that know no locks. */
const UNKNOWN = [ERRNO.ENOLCK, ERRNO.ENOSYS, ERRNO.EOPNOTSUPP];

/**
 * Takes the lock of an open file or folder (flock(2)), which one descriptor at a time can hold; the
 * kernel lets go of it with the descriptor, however the process ends. Nobody is waited for.
 * Returns 0, or the number of the error.
 */
export function lockNow(fd: number): number {
  return libc().flock(fd, LOCK_EXCLUSIVE | LOCK_NOT_BLOCKING) < 0 ? lastErrno() : 0;
}

export function knowsNoLocks(errno: number): boolean {
  return UNKNOWN.includes(errno);
}

/**
 * Takes the lock; false when another has it. A filesystem that knows no locks does without.
 * @throws the typed error of any other errno
 */
export function lockUnlessTaken(fd: number): boolean {
  const errno = lockNow(fd);
  if (errno === 0 || knowsNoLocks(errno)) return true;
  if (errno === ERRNO.EWOULDBLOCK) return false;
  return throwErrno(errno, 'take a lock');
}
