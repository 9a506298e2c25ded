import { tryCloneRange } from '../../linux/btrfs-ioctl-file.ts';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  statFd,
  writeAllAt,
} from '../../linux/files.ts';
import { checked, ERRNO, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { dataRanges } from './data-ranges.ts';

/** Where sharing extents is refused, the bytes themselves can still be had. */
const COPY_INSTEAD: readonly number[] = [
  ERRNO.EINVAL,
  ERRNO.EXDEV,
  ERRNO.EOPNOTSUPP,
  ERRNO.ENOTTY,
  ERRNO.ETXTBSY,
];
const COPY_BYTES = 1 << 20;
/** A multiple of every block size that btrfs has. */
const ALIGNED_BYTES = 64 * 1024;

let scratch: Buffer | undefined;

/**
 * Shares the extents of `source`, or copies where they cannot be shared. A range that ends within
 * a block, as the source does, cannot be shared into a longer file: all but its end can.
 */
export function cloneOrCopy(
  fd: number,
  offset: number,
  length: number,
  source: number,
  sourceOffset: number,
  path: Bytes,
): void {
  // To the ioctl a length of 0 means the whole rest of the file.
  if (length === 0) return;
  if (tryCloneRange(fd, offset, length, source, sourceOffset) >= 0) return;
  const errno = lastErrno();
  if (!COPY_INSTEAD.includes(errno)) throwErrno(errno, 'clone into', path);
  const aligned = length - (length % ALIGNED_BYTES);
  const isShared =
    aligned > 0 &&
    aligned < length &&
    tryCloneRange(fd, offset, aligned, source, sourceOffset) >= 0;
  const shared = isShared ? aligned : 0;
  copyRange(fd, offset + shared, length - shared, source, sourceOffset + shared, path);
}

/**
 * Reads and writes what is data and punches what is a hole, so that the work is bounded by what
 * is stored. A source that is too short is a stream that does not fit.
 */
export function copyRange(
  fd: number,
  offset: number,
  length: number,
  source: number,
  sourceOffset: number,
  path: Bytes,
): void {
  const end = sourceOffset + length;
  if (end > statFd(source).size) throw pastEnd();
  let at = sourceOffset;
  const zeroUpTo = (to: number): void => {
    if (to > at) zeroRange(fd, offset + (at - sourceOffset), to - at, path);
  };
  for (const range of dataRanges(source, sourceOffset, end)) {
    zeroUpTo(range.at);
    copyData(fd, offset + (range.at - sourceOffset), range.length, source, range.at, path);
    at = range.at + range.length;
  }
  zeroUpTo(end);
}

function copyData(
  fd: number,
  offset: number,
  length: number,
  source: number,
  sourceOffset: number,
  path: Bytes,
): void {
  scratch ??= Buffer.allocUnsafeSlow(COPY_BYTES);
  for (let done = 0; done < length;) {
    const want = Math.min(length - done, COPY_BYTES);
    const count = libc().pread(source, scratch, want, sourceOffset + done);
    if (checked(count, 'read the source of a clone for', path) === 0) throw pastEnd();
    writeAllAt(fd, scratch.subarray(0, count), offset + done, path);
    done += count;
  }
}

/** Zeros, as a hole where there can be one; the file grows when the range ends behind it. */
export function zeroRange(fd: number, offset: number, length: number, path: Bytes): void {
  const { size } = statFd(fd);
  if (offset + length > size) {
    checked(libc().ftruncate(fd, offset + length), 'set the size of', path);
  }
  const inside = Math.min(size, offset + length) - offset;
  if (inside <= 0) return;
  const mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  if (libc().fallocate(fd, mode, offset, inside) >= 0) return;
  const errno = lastErrno();
  if (errno !== ERRNO.EOPNOTSUPP) throwErrno(errno, 'make a hole in', path);
  writeZeros(fd, offset, inside, path);
}

function writeZeros(fd: number, offset: number, length: number, path: Bytes): void {
  const zeros = Buffer.alloc(Math.min(length, COPY_BYTES));
  for (let done = 0; done < length; done += zeros.length) {
    writeAllAt(fd, zeros.subarray(0, Math.min(zeros.length, length - done)), offset + done, path);
  }
}

function pastEnd(): DendroError {
  return corrupt('clone-past-end', 'The stream clones from past the end of a file.', {
    hint: 'The snapshot that it builds on is not the same; send a full stream.',
  });
}
