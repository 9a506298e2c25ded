/** Names, paths and values as the filesystem has them: bytes, in no encoding. */
export type Bytes = Uint8Array;

/**
 * CRC-32C (init and final inversion as usual, little-endian, as btrfs stores it) of each 4096 bytes
 * of some data, from `at` on. Borrowed like the data.
 */
export interface SectorSums {
  readonly bytes: Bytes;
  readonly at: number;
}

/** One encoded write: a compressed extent passed through as it is on disk (stream version 2). */
export interface EncodedWrite {
  /** Where the decoded bytes begin in the file. */
  readonly offset: number;
  /** Bytes of the file that this write covers: part of `unencodedLength`. */
  readonly unencodedFileLength: number;
  /** Bytes that `data` decodes to. */
  readonly unencodedLength: number;
  /** Where in the decoded bytes the file's range begins. */
  readonly unencodedOffset: number;
  /** BTRFS_ENCODED_IO_COMPRESSION_*: 0 none, 1 zlib, 2 zstd, 3..7 lzo with 4 KiB..64 KiB sectors. */
  readonly compression: number;
  readonly encryption: number;
  readonly data: Bytes;
  /** Somebody has seen it decode. */
  readonly isProven?: boolean;
}

/**
 * What a send stream says, a method a command (`linux/btrfs.h`, `btrfs_send_cmd`; the
 * documentation's page on the send stream). The encoder, the counting plan, the dump and
 * every receiver implement it; limiting and counting are decorators around it.
 *
 * - Paths are relative to the subvolume's top, without a leading slash or a NUL; the top
 *   itself is the empty path.
 * - Byte arguments are borrowed: they are valid during the call only.
 * - Sizes, offsets, inode numbers and transids are integers below 2^53.
 */
export interface CommandSink {
  /**
   * Called before `subvol` or `snapshot`: of this stream, command 0 comes next and then command
   * `fromCommand`; what lies between is left out, because the receiver has it. Commands are
   * counted from 0 (SUBVOL or SNAPSHOT) within one subvolume's stream; END counts too.
   */
  resume?(fromCommand: number): void;
  subvol(path: Bytes, uuid: Bytes, ctransid: number): void;
  snapshot(
    path: Bytes,
    uuid: Bytes,
    ctransid: number,
    parentUuid: Bytes,
    parentCtransid: number,
  ): void;
  mkfile(path: Bytes, inode: number): void;
  mkdir(path: Bytes, inode: number): void;
  /** `rdev` in the kernel's stream encoding (new_encode_dev; see device-number.ts). */
  mknod(path: Bytes, inode: number, mode: number, rdev: number): void;
  mkfifo(path: Bytes, inode: number): void;
  mksock(path: Bytes, inode: number): void;
  symlink(path: Bytes, inode: number, target: Bytes): void;
  rename(from: Bytes, to: Bytes): void;
  link(path: Bytes, existing: Bytes): void;
  unlink(path: Bytes): void;
  rmdir(path: Bytes): void;
  setXattr(path: Bytes, name: Bytes, value: Bytes): void;
  removeXattr(path: Bytes, name: Bytes): void;
  /** @param sums what is known of the data; who does not need it leaves it. */
  write(path: Bytes, offset: number, data: Bytes, sums?: SectorSums): void;
  clone(
    path: Bytes,
    offset: number,
    length: number,
    sourceUuid: Bytes,
    sourceCtransid: number,
    sourcePath: Bytes,
    sourceOffset: number,
  ): void;
  truncate(path: Bytes, size: number): void;
  chmod(path: Bytes, mode: number): void;
  chown(path: Bytes, uid: number, gid: number): void;
  /**
   * `times` is 48 bytes as in `btrfs_inode_item`: atime, ctime, mtime, otime, each a
   * little-endian i64 of seconds and u32 of nanoseconds. `hasOtime`: version 2 carries otime.
   */
  utimes(path: Bytes, times: Bytes, hasOtime: boolean): void;
  /** Announces a range without its data (`--no-data`). */
  updateExtent(path: Bytes, offset: number, length: number): void;
  encodedWrite(path: Bytes, write: EncodedWrite): void;
  /** `mode` as in fallocate(2). */
  fallocate(path: Bytes, mode: number, offset: number, length: number): void;
  /** `flags` are the inode item's BTRFS_INODE_* flags, as the kernel's stream carries them. */
  fileattr(path: Bytes, flags: number): void;
  enableVerity(
    path: Bytes,
    algorithm: number,
    blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void;
  end(): void;
}
