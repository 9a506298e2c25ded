import { ERRNO, SystemError } from '../../linux/libc-error.ts';

/** What a filesystem says to a name or a kind of file that it cannot hold. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [ERRNO.EPERM, 'this filesystem or user cannot make it'],
  [ERRNO.EOPNOTSUPP, 'this filesystem cannot hold it'],
  [ERRNO.ENOTSUP, 'this filesystem cannot hold it'],
  // A filesystem in user space that knows no links or nodes.
  [ERRNO.ENOSYS, 'this filesystem cannot hold it'],
  [ERRNO.EINVAL, 'this filesystem cannot hold such a name'],
  // exFAT in user space says so of characters that it does not take.
  [ERRNO.ENOENT, 'this filesystem cannot hold such a name'],
  [ERRNO.EILSEQ, 'this filesystem cannot hold such a name'],
  [ERRNO.ENAMETOOLONG, 'its path is too long here'],
  [ERRNO.EEXIST, 'a name that this filesystem takes for the same is there'],
  [ERRNO.EMLINK, 'it has more links than this filesystem allows'],
  [ERRNO.EXDEV, 'it lies on another filesystem'],
]);

/** Why the target refused this one thing; undefined for errors that end the whole restore. */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof SystemError ? REASONS.get(error.errno) : undefined;
}

/**
 * The same for a device, FIFO or socket: exFAT in user space answers them with EIO. Were it the
 * drive that fails, the next file would say so and end the restore.
 */
export function refusalOfNode(error: unknown): string | undefined {
  if (error instanceof SystemError && error.errno === ERRNO.EIO) return REASONS.get(ERRNO.ENOSYS);
  return refusalOf(error);
}
