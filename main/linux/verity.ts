/** fs-verity (`linux/fsverity.h`). */
import { iow } from './ioctl-number.ts';
import { addressOf, lastErrno, libc } from './libc.ts';

const ENABLE_ARG_BYTES = 128;
const FS_IOC_ENABLE_VERITY = iow(0x66, 133, ENABLE_ARG_BYTES);

/** Returns 0, or the errno: EOPNOTSUPP and ENOTTY where kernel or filesystem lack it. */
export function tryEnableVerity(
  fd: number,
  algorithm: number,
  blockSize: number,
  salt: Uint8Array,
  signature: Uint8Array,
): number {
  const argument = Buffer.alloc(ENABLE_ARG_BYTES);
  argument.writeUInt32LE(1, 0);
  argument.writeUInt32LE(algorithm, 4);
  argument.writeUInt32LE(blockSize, 8);
  argument.writeUInt32LE(salt.length, 12);
  if (salt.length > 0) argument.writeBigUInt64LE(addressOf(salt), 16);
  argument.writeUInt32LE(signature.length, 24);
  if (signature.length > 0) argument.writeBigUInt64LE(addressOf(signature), 32);
  return libc().ioctl(fd, FS_IOC_ENABLE_VERITY, argument) < 0 ? lastErrno() : 0;
}
