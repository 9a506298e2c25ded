import { tryEncodedWrite } from '../../linux/btrfs-ioctl-file.ts';
import { statFd, writeAllAt } from '../../linux/files.ts';
import { ERRNO, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import type { Bytes, EncodedWrite } from '../stream/command-sink.ts';
import { decodeExtent, isReadableByKernel } from './encoded-data.ts';

/** Whether the kernel took it as it is, or Dendro wrote it decompressed. */
export type EncodedOutcome = 'stored' | 'unpacked';

/** Refusals that mean "not this way": not btrfs, no such ioctl, another sector size, no right. */
const UNPACK_INSTEAD: readonly number[] = [
  ERRNO.EINVAL,
  ERRNO.ENOTTY,
  ERRNO.EOPNOTSUPP,
  ERRNO.EPERM,
  ERRNO.ENOBUFS,
];

/**
 * Writes a compressed extent. It is decompressed first in any case: the kernel stores what it is
 * given without a look, and a bad extent would only be found when somebody reads the file.
 * Throws Corrupt when it does not decompress to what it claims.
 */
export function storeEncoded(
  fd: number,
  write: EncodedWrite,
  mayStore: boolean,
  path: Bytes,
): EncodedOutcome {
  const proof = write.isProven === true ? undefined : decodeExtent(write);
  if (mayStore && write.compression !== 0 && isReadableByKernel(write)) {
    if (tryEncodedWrite(fd, write, write.data) >= 0) return 'stored';
    const errno = lastErrno();
    if (!UNPACK_INSTEAD.includes(errno)) throwErrno(errno, 'write to', path);
  }
  const plain = proof ?? decodeExtent(write);
  writeAllAt(fd, plain, write.offset, path);
  const end = write.offset + write.unencodedFileLength;
  if (plain.length < write.unencodedFileLength && statFd(fd).size < end) {
    if (libc().ftruncate(fd, end) < 0) throwErrno(lastErrno(), 'set the size of', path);
  }
  return 'unpacked';
}
