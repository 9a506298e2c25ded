import { checked } from './libc-error.ts';
import { callAside, libc } from './libc.ts';

/** open(2), openat2(2), statx(2), fallocate(2): constants of the generic ABI (x86-64, arm64). */
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NOFOLLOW = process.arch === 'arm64' ? 0o100000 : 0o400000;
export const O_DIRECTORY = process.arch === 'arm64' ? 0o40000 : 0o200000;
/** A file without a name. */
export const O_TMPFILE = 0o20000000 | O_DIRECTORY;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;
export const O_NOATIME = 0o1000000;
export const RESOLVE_NO_MAGICLINKS = 0x02;
export const RESOLVE_NO_SYMLINKS = 0x04;
export const RESOLVE_BENEATH = 0x08;
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;
export const AT_SYMLINK_FOLLOW = 0x400;
export const AT_EMPTY_PATH = 0x1000;
export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;
export const SEEK_DATA = 3;
export const SEEK_HOLE = 4;
export const FALLOC_FL_KEEP_SIZE = 1;
export const FALLOC_FL_PUNCH_HOLE = 2;
export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;

const SYS_OPENAT2 = 437;
const SYS_FCHMODAT2 = 452;
const OPEN_HOW_BYTES = 24;
const CONFINED = BigInt(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);

const how = Buffer.alloc(OPEN_HOW_BYTES);

/** Bytes and a NUL, as the C functions want a path. */
export function cString(path: Uint8Array | string): Buffer {
  const bytes = typeof path === 'string' ? Buffer.from(path) : path;
  const out = Buffer.alloc(bytes.length + 1);
  out.set(bytes);
  return out;
}

/** Opens a path as open(2) does; `path` ends in a NUL. */
export function openPath(path: Uint8Array, flags: number, mode = 0, dir = AT_FDCWD): number {
  return checked(libc().openat(dir, path, flags | O_CLOEXEC, mode), 'open', path);
}

/**
 * Opens `path` (ending in a NUL) below `dir`: the kernel refuses what leads out of it
 * (RESOLVE_BENEATH) or through a symbolic link. Returns -1 and leaves errno on failure.
 */
export function tryOpenBeneath(dir: number, path: Uint8Array, flags: number, mode = 0): number {
  how.writeUInt32LE((flags | O_CLOEXEC) >>> 0, 0);
  how.writeUInt32LE(0, 4);
  how.writeUInt32LE(mode, 8);
  how.writeUInt32LE(0, 12);
  how.writeBigUInt64LE(CONFINED, 16);
  return libc().syscall4(SYS_OPENAT2, dir, path, how, OPEN_HOW_BYTES);
}

export function openBeneath(dir: number, path: Uint8Array, flags: number, mode = 0): number {
  return checked(tryOpenBeneath(dir, path, flags, mode), 'open', path);
}

/**
 * Sets the permission bits of `path` (ending in a NUL) in `dir`, never through a symbolic link.
 * Returns -1 on failure, for a link say, and before Linux 6.6.
 */
export function tryChmodAt(dir: number, path: Uint8Array, mode: number): number {
  return libc().syscallMode(SYS_FCHMODAT2, dir, path, mode, AT_SYMLINK_NOFOLLOW);
}

export function closeFd(fd: number): void {
  libc().close(fd);
}

/** Writes all of `data`; a short write goes on where it stopped. */
export function writeAllAt(fd: number, data: Uint8Array, offset: number, path?: Uint8Array): void {
  let done = checked(libc().pwrite(fd, data, data.length, offset), 'write to', path);
  while (done < data.length) {
    const rest = data.subarray(done);
    const count = checked(libc().pwrite(fd, rest, rest.length, offset + done), 'write to', path);
    done += count;
  }
}

/** Flushes the whole filesystem that `fd` lies on, and reports what could not be written. */
export function syncFilesystem(fd: number): void {
  checked(libc().syncfs(fd), 'write everything to the drive');
}

const SYNC_FILE_RANGE_WRITE = 2;

/**
 * Has the kernel begin to write this range to the drive; a hint only. It computes checksums and
 * looks for room before it comes back, so another thread asks it. Should `fd` be another file by
 * then, the hint is for that one, and does no harm.
 */
export function beginWriteback(fd: number, offset: number, length: number): void {
  callAside('sync_file_range', fd, offset, length, SYNC_FILE_RANGE_WRITE);
}

/** What statx(2) says of a file; times in seconds and nanoseconds. */
export interface FileStatus {
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  /** Rounded beyond 2^53. */
  readonly inode: number;
  /**
   * The inode's number as it is, to tell inodes of one filesystem apart: overlayfs and filesystems
   * in a network have numbers of which only the lowest bits differ.
   */
  readonly identity: number | bigint;
  readonly size: number;
  readonly blocks: number;
  readonly accessed: FileTime;
  readonly changed: FileTime;
  readonly modified: FileTime;
  readonly born: FileTime;
  /** Major and minor of a device node. */
  readonly rdev: readonly [number, number];
  /** Major and minor of the filesystem's device. */
  readonly device: readonly [number, number];
  /** Unique while the system runs (STATX_MNT_ID_UNIQUE, Linux 6.8), else the plain mount id. */
  readonly mountId: bigint;
}

export interface FileTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

const STATX_BYTES = 256;
const STATX_BASIC_BIRTH = 0xfff;
const STATX_MNT_ID_UNIQUE = 0x4000;

const status = Buffer.alloc(STATX_BYTES);
const EMPTY = Buffer.alloc(1);

/** The status of an open file. */
export function statFd(fd: number): FileStatus {
  return statAt(fd, EMPTY, AT_EMPTY_PATH);
}

/** The status of `path` (ending in a NUL) as statx(2) gives it. */
export function statAt(dir: number, path: Uint8Array, flags: number): FileStatus {
  const mask = STATX_BASIC_BIRTH | STATX_MNT_ID_UNIQUE;
  checked(libc().statx(dir, path, flags, mask, status), 'look at', path);
  const exact = status.readBigUInt64LE(32);
  const inode = Number(exact);
  return {
    links: status.readUInt32LE(16),
    uid: status.readUInt32LE(20),
    gid: status.readUInt32LE(24),
    mode: status.readUInt16LE(28),
    inode,
    identity: Number.isSafeInteger(inode) ? inode : exact,
    size: Number(status.readBigUInt64LE(40)),
    blocks: Number(status.readBigUInt64LE(48)),
    accessed: timeAt(64),
    born: timeAt(80),
    changed: timeAt(96),
    modified: timeAt(112),
    rdev: [status.readUInt32LE(128), status.readUInt32LE(132)],
    device: [status.readUInt32LE(136), status.readUInt32LE(140)],
    mountId: status.readBigUInt64LE(144),
  };
}

function timeAt(offset: number): FileTime {
  return {
    seconds: Number(status.readBigInt64LE(offset)),
    nanoseconds: status.readUInt32LE(offset + 8),
  };
}

/** Filesystem magic numbers of statfs(2), those that Dendro treats differently. */
export const MAGIC = {
  btrfs: 0x9123683e,
  tmpfs: 0x01021994,
  ext4: 0xef53,
  xfs: 0x58465342,
  exfat: 0x2011bab0,
  fuse: 0x65735546,
  msdos: 0x4d44,
  ntfs: 0x5346544e,
  ntfs3: 0x7366746e,
  cifs: 0xff534d42,
  smb2: 0xfe534d42,
} as const;

const STATFS_BYTES = 120;

/** What statfs(2) says of a filesystem. */
export interface FilesystemStatus {
  /** Its type. */
  readonly magic: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Null where inodes are made as they are needed (btrfs). */
  readonly freeInodes: number | null;
  readonly isReadOnly: boolean;
}

const ST_RDONLY = 1;

/** Type (a magic number) and free space of the filesystem that `fd` lies on. */
export function filesystemOf(fd: number): FilesystemStatus {
  const into = Buffer.alloc(STATFS_BYTES);
  checked(libc().fstatfs(fd, into), 'look at the filesystem');
  const blockBytes = Number(into.readBigInt64LE(8));
  return {
    magic: Number(into.readBigInt64LE(0)) >>> 0,
    totalBytes: blockBytes * Number(into.readBigUInt64LE(16)),
    freeBytes: blockBytes * Number(into.readBigUInt64LE(32)),
    freeInodes: into.readBigUInt64LE(40) === 0n ? null : Number(into.readBigUInt64LE(48)),
    isReadOnly: (into.readUInt32LE(80) & ST_RDONLY) !== 0,
  };
}

/** Whether an existing folder is on btrfs. @throws as `openPath` */
export function isOnBtrfs(folder: Uint8Array): boolean {
  const fd = openPath(cString(folder), O_RDONLY | O_DIRECTORY);
  try {
    return filesystemOf(fd).magic === MAGIC.btrfs;
  } finally {
    closeFd(fd);
  }
}

/**
 * A device number as mknod(2) takes it, from major and minor: glibc's makedev(3).
 */
export function deviceNumber(major: number, minor: number): bigint {
  const [ma, mi] = [BigInt(major), BigInt(minor)];
  return (mi & 0xffn) | ((ma & 0xfffn) << 8n) | ((mi & ~0xffn) << 12n) | ((ma & ~0xfffn) << 32n);
}
