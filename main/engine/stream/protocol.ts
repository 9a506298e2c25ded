/**
 * The numbers of the send stream (btrfs documentation, "Btrfs design: send stream format";
 * `btrfs receive --dump` shows any stream in words).
 *
 * ```
 * stream   "btrfs-stream\0" (13) | version u32
 * command  length u32 (without this header) | command u16 | crc32c u32 | attributes
 * attribute  type u16 | length u16 | value        (version 2: DATA is last, without a length)
 * ```
 * The checksum is the raw CRC-32C register, started at 0 and not inverted, over header (with a
 * checksum of 0) and attributes. Integers are little-endian.
 */
export const STREAM_MAGIC = new TextEncoder().encode('btrfs-stream\0');
export const STREAM_HEADER_SIZE = STREAM_MAGIC.length + 4;
export const COMMAND_HEADER_SIZE = 10;
export const ATTRIBUTE_HEADER_SIZE = 4;
/** In version 2 the attribute DATA has a type only: it ends with the command. */
export const DATA_HEADER_SIZE_V2 = 2;

/** File data in one WRITE, as the kernel sends it: whole sectors of every sector size up to 16K. */
export const MAX_WRITE_V1 = 48 * 1024;
export const MAX_WRITE_V2 = 128 * 1024;
/** What is taken for a command's length when it is read: room for the data of other tools. */
export const MAX_COMMAND_BYTES = 16 << 20;

export const COMMAND = {
  subvol: 1,
  snapshot: 2,
  mkfile: 3,
  mkdir: 4,
  mknod: 5,
  mkfifo: 6,
  mksock: 7,
  symlink: 8,
  rename: 9,
  link: 10,
  unlink: 11,
  rmdir: 12,
  setXattr: 13,
  removeXattr: 14,
  write: 15,
  clone: 16,
  truncate: 17,
  chmod: 18,
  chown: 19,
  utimes: 20,
  end: 21,
  updateExtent: 22,
  fallocate: 23,
  fileattr: 24,
  encodedWrite: 25,
  enableVerity: 26,
} as const;

export const ATTRIBUTE = {
  uuid: 1,
  ctransid: 2,
  inode: 3,
  size: 4,
  mode: 5,
  uid: 6,
  gid: 7,
  rdev: 8,
  ctime: 9,
  mtime: 10,
  atime: 11,
  otime: 12,
  xattrName: 13,
  xattrData: 14,
  path: 15,
  pathTo: 16,
  pathLink: 17,
  fileOffset: 18,
  data: 19,
  cloneUuid: 20,
  cloneCtransid: 21,
  clonePath: 22,
  cloneOffset: 23,
  cloneLength: 24,
  fallocateMode: 25,
  fileattr: 26,
  unencodedFileLength: 27,
  unencodedLength: 28,
  unencodedOffset: 29,
  compression: 30,
  encryption: 31,
  verityAlgorithm: 32,
  verityBlockSize: 33,
  veritySalt: 34,
  veritySignature: 35,
  /**
   * Dendro's own, on SUBVOL and SNAPSHOT: the stream goes on at this command (u64). A stock
   * receiver refuses the unknown attribute, so that half a stream is never applied as a whole.
   */
  resumeFrom: 0x4452,
} as const;

/** The newest command of each version; END belongs to all. */
export const LAST_COMMAND = { 1: COMMAND.updateExtent, 2: 25, 3: 26 } as const;

/** BTRFS_ENCODED_IO_COMPRESSION_* of `linux/btrfs.h`; LZO's number tells its sector size. */
export const ENCODED = { none: 0, zlib: 1, zstd: 2, lzo4k: 3, lzo64k: 7 } as const;

/** Modes of fallocate(2), `linux/falloc.h`. */
export const FALLOCATE = { keepSize: 1, punchHole: 2 } as const;

export type Protocol = 1 | 2 | 3;
