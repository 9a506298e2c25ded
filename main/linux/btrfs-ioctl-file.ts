/** ioctls on one file: clone, encoded write, flags (`linux/btrfs.h`, `linux/fs.h`). */
import { ior, iow } from './ioctl-number.ts';
import { checked } from './libc-error.ts';
import { addressOf, libc } from './libc.ts';

const CLONE_RANGE_BYTES = 32;
const ENCODED_ARGS_BYTES = 128;
const IOVEC_BYTES = 16;

const FICLONERANGE = iow(0x94, 13, CLONE_RANGE_BYTES);
const IOC_ENCODED_WRITE = iow(0x94, 64, ENCODED_ARGS_BYTES);
const FS_IOC_GETFLAGS = ior(0x66, 1, 8);
const FS_IOC_SETFLAGS = iow(0x66, 2, 8);
/** struct fsxattr: flags of its own first. */
const FSXATTR_BYTES = 28;
const FS_IOC_FSGETXATTR = ior(0x58, 31, FSXATTR_BYTES);
const FS_IOC_FSSETXATTR = iow(0x58, 32, FSXATTR_BYTES);
const FS_XFLAG_IMMUTABLE = 0x8;
const FS_XFLAG_APPEND = 0x10;

/** FS_*_FL of linux/fs.h that btrfs keeps. */
export const FS_FLAG = {
  compress: 0x4,
  sync: 0x8,
  immutable: 0x10,
  append: 0x20,
  noDump: 0x40,
  noAtime: 0x80,
  noCompress: 0x400,
  dirSync: 0x10000,
  verity: 0x100000,
  noCow: 0x800000,
} as const;

const clone = Buffer.alloc(CLONE_RANGE_BYTES);

/**
 * Makes `length` bytes at `offset` of `fd` share the extents of `source`; 0 means up to the end
 * of the source. Returns -1 and leaves errno on failure (EINVAL: not aligned, or overlapping).
 */
export function tryCloneRange(
  fd: number,
  offset: number,
  length: number,
  source: number,
  sourceOffset: number,
): number {
  clone.writeBigInt64LE(BigInt(source), 0);
  clone.writeBigUInt64LE(BigInt(sourceOffset), 8);
  clone.writeBigUInt64LE(BigInt(length), 16);
  clone.writeBigUInt64LE(BigInt(offset), 24);
  return libc().ioctl(fd, FICLONERANGE, clone);
}

/** The fields of struct btrfs_ioctl_encoded_io_args that a write sets. */
export interface EncodedRange {
  readonly offset: number;
  readonly unencodedFileLength: number;
  readonly unencodedLength: number;
  readonly unencodedOffset: number;
  readonly compression: number;
  readonly encryption: number;
}

const encoded = Buffer.alloc(ENCODED_ARGS_BYTES);
const iovec = Buffer.alloc(IOVEC_BYTES);

/**
 * Stores compressed bytes as they are. The kernel does not look into them: prove first that they
 * decompress. Returns -1 and leaves errno on failure.
 */
export function tryEncodedWrite(fd: number, range: EncodedRange, data: Uint8Array): number {
  iovec.writeBigUInt64LE(addressOf(data), 0);
  iovec.writeBigUInt64LE(BigInt(data.length), 8);
  encoded.fill(0);
  encoded.writeBigUInt64LE(addressOf(iovec), 0);
  encoded.writeBigUInt64LE(1n, 8);
  encoded.writeBigInt64LE(BigInt(range.offset), 16);
  encoded.writeBigUInt64LE(BigInt(range.unencodedFileLength), 32);
  encoded.writeBigUInt64LE(BigInt(range.unencodedLength), 40);
  encoded.writeBigUInt64LE(BigInt(range.unencodedOffset), 48);
  encoded.writeUInt32LE(range.compression, 56);
  encoded.writeUInt32LE(range.encryption, 60);
  return libc().ioctl(fd, IOC_ENCODED_WRITE, encoded);
}

/** FS_*_FL flags of an open file or directory. */
export function fileFlags(fd: number, path?: Uint8Array): number {
  const flags = Buffer.alloc(8);
  checked(libc().ioctl(fd, FS_IOC_GETFLAGS, flags), 'read the flags of', path);
  return flags.readUInt32LE();
}

/** FS_*_FL flags, or 0 where the filesystem has none. */
export function fileFlagsIfAny(fd: number): number {
  const flags = Buffer.alloc(8);
  return libc().ioctl(fd, FS_IOC_GETFLAGS, flags) < 0 ? 0 : flags.readUInt32LE();
}

/** Returns -1 and leaves errno on failure. */
export function trySetFileFlags(fd: number, value: number): number {
  const flags = Buffer.alloc(8);
  flags.writeUInt32LE(value >>> 0);
  return libc().ioctl(fd, FS_IOC_SETFLAGS, flags);
}

export function setFileFlags(fd: number, value: number, path?: Uint8Array): void {
  checked(trySetFileFlags(fd, value), 'set the flags of', path);
}

/** The flags that forbid changes. */
export const BARRING = FS_FLAG.immutable | FS_FLAG.append;

/**
 * Sets the barring flags of `value` and clears those that it lacks; others stay. With
 * FS_IOC_SETFLAGS the kernel would choose `btrfs.compression` anew. Returns -1 and leaves errno on
 * failure.
 */
export function trySetBarring(fd: number, value: number): number {
  const attributes = Buffer.alloc(FSXATTR_BYTES);
  if (libc().ioctl(fd, FS_IOC_FSGETXATTR, attributes) < 0) return -1;
  const others = attributes.readUInt32LE() & ~(FS_XFLAG_IMMUTABLE | FS_XFLAG_APPEND);
  const immutable = (value & FS_FLAG.immutable) === 0 ? 0 : FS_XFLAG_IMMUTABLE;
  const append = (value & FS_FLAG.append) === 0 ? 0 : FS_XFLAG_APPEND;
  attributes.writeUInt32LE((others | immutable | append) >>> 0);
  return libc().ioctl(fd, FS_IOC_FSSETXATTR, attributes);
}
