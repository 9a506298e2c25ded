import { ERRNO, SystemError } from '../../linux/libc-error.ts';
import { noted, type Note } from '../../../shared/said.ts';

/** What a filesystem says to a name or a kind of file that it cannot hold. */
const REASONS: ReadonlyMap<number, Note> = new Map([
  [ERRNO.EPERM, noted('refused-cannot-make', 'this filesystem or user cannot make it')],
  // A second link to a file that is too large: in pieces it is a folder here.
  [ERRNO.EISDIR, noted('refused-cannot-make', 'this filesystem or user cannot make it')],
  [ERRNO.EOPNOTSUPP, noted('refused-cannot-hold', 'this filesystem cannot hold it')],
  [ERRNO.ENOTSUP, noted('refused-cannot-hold', 'this filesystem cannot hold it')],
  // A filesystem in user space that knows no links or nodes.
  [ERRNO.ENOSYS, noted('refused-cannot-hold', 'this filesystem cannot hold it')],
  [ERRNO.EINVAL, noted('refused-cannot-name', 'this filesystem cannot hold such a name')],
  // exFAT in user space says so of characters that it does not take.
  [ERRNO.ENOENT, noted('refused-cannot-name', 'this filesystem cannot hold such a name')],
  [ERRNO.EILSEQ, noted('refused-cannot-name', 'this filesystem cannot hold such a name')],
  [ERRNO.ENAMETOOLONG, noted('refused-path-too-long', 'its path is too long here')],
  [
    ERRNO.EEXIST,
    noted('refused-same-name', 'a name that this filesystem takes for the same is there'),
  ],
  [ERRNO.EMLINK, noted('refused-too-many-links', 'it has more links than this filesystem allows')],
  [ERRNO.EXDEV, noted('refused-other-filesystem', 'it lies on another filesystem')],
]);

/** Why the target refused this one thing; undefined for errors that end the whole restore. */
export function refusalOf(error: unknown): Note | undefined {
  return error instanceof SystemError ? REASONS.get(error.errno) : undefined;
}

/**
 * The same for a device, FIFO or socket: exFAT in user space answers them with EIO. Were it the
 * drive that fails, the next file would say so and end the restore.
 */
export function refusalOfNode(error: unknown): Note | undefined {
  if (error instanceof SystemError && error.errno === ERRNO.EIO) return REASONS.get(ERRNO.ENOSYS);
  return refusalOf(error);
}
