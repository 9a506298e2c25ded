import { statFd, type FileTime } from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import type { Bytes } from '../stream/command-sink.ts';

/** Two struct timespec: time of access, time of change of the content. */
export const TIMES_BYTES = 32;

/** atime and mtime of `btrfs_inode_item` times, as futimens(3) wants them. */
export function timespecs(times: Bytes): Buffer {
  const out = Buffer.alloc(TIMES_BYTES);
  out.set(times.subarray(0, 12), 0);
  out.set(times.subarray(24, 36), 16);
  return out;
}

/** The times of an open directory as futimens(3) wants them. */
export function timesOf(fd: number): Buffer {
  const { accessed, modified } = statFd(fd);
  const out = Buffer.alloc(TIMES_BYTES);
  [accessed, modified].forEach((time: FileTime, i) => {
    out.writeBigInt64LE(BigInt(time.seconds), 16 * i);
    out.writeUInt32LE(time.nanoseconds, 16 * i + 8);
  });
  return out;
}

/**
 * Sets the top directory's times for good. Temporary names come and go there while a stream is
 * applied, and streams of the kernel do not send its times again afterwards.
 */
export function setTimes(fd: number, times: Buffer): void {
  checked(libc().futimens(fd, times), 'set the times of the top directory');
}
