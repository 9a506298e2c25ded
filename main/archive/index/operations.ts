/**
 * The index beside a stream: what the stream says, command by command, with places instead of
 * file data. It is a seekable zstd file of three kinds of frames:
 * ```
 * operations ...  | operations | footer (JSON)
 * ```
 * Frames of operations are read as one log; no operation lies in two of them.
 * ```
 * operation  number u8 (| 0x80: of the same path as the one before) | path | fields
 * path       bytes shared with the path before (LEB128) | length of the rest (LEB128) | rest
 * ```
 * Fields are LEB128 numbers; bytes have their length in front. The log can be made again from
 * the stream alone, byte for byte.
 */
export const OP = {
  mkfile: 1, // inode
  mkdir: 2, // inode
  mknod: 3, // inode, mode, rdev
  mkfifo: 4, // inode
  mksock: 5, // inode
  symlink: 6, // inode, target
  rename: 7, // to
  link: 8, // existing
  unlink: 9,
  rmdir: 10,
  setXattr: 11, // name, value
  removeXattr: 12, // name
  /** offset, length, bytes of a piece, place of the first, distance from piece to piece */
  write: 13,
  /** offset, length, path of the source, its offset: a file of this same stream */
  clone: 14,
  /** offset, length, number in the footer's `foreign`, offset there */
  cloneForeign: 15,
  truncate: 16, // size
  chmod: 17, // mode
  chown: 18, // uid, gid
  utimes: 19, // 1 with time of birth, then 48 bytes
  /** offset, file length, whole length, offset in it, compression, encryption, bytes, place */
  encoded: 20,
  fallocate: 21, // mode, offset, length
  fileattr: 22, // flags
  verity: 23, // algorithm, block size, salt, signature
  /** 32 bytes: SHA-256 of the file's whole content as it now is */
  hash: 24,
  /** offset, length: the data was announced only */
  missing: 25,
} as const;

export const SAME_PATH = 0x80;
export const TIMES_BYTES = 48;
export const HASH_BYTES = 32;
/** Operations collected into one frame. */
export const LOG_FRAME_BYTES = 4 << 20;
