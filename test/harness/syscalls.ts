/**
 * The system calls that the tests' own tools need and Node lacks. Kept apart from
 * `main/linux` on purpose: what judges the program must not share its code.
 */
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

export type Path = string | Uint8Array;

const libc = koffi.load('libc.so.6');
const path = 'const uint8_t *';
const lgetxattr = libc.func(`long lgetxattr(${path}, ${path}, uint8_t *, size_t)`);
const llistxattr = libc.func(`long llistxattr(${path}, uint8_t *, size_t)`);
const lsetxattrCall = libc.func(`int lsetxattr(${path}, ${path}, ${path}, size_t, int)`);
const lremovexattrCall = libc.func(`int lremovexattr(${path}, ${path})`);
const mknodCall = libc.func(`int mknod(${path}, uint32_t, uint64_t)`);
const utimensatCall = libc.func(`int utimensat(int, ${path}, int64_t *, int)`);
const fallocateCall = libc.func('int fallocate(int, int, int64_t, int64_t)');
const renameat2Call = libc.func(`int renameat2(int, ${path}, int, ${path}, uint32_t)`);
const linkatCall = libc.func(`int linkat(int, ${path}, int, ${path}, int)`);
const pipe2Call = libc.func('int pipe2(int *, int)');
const ioctlCall = libc.func('int ioctl(int, unsigned long, void *)');

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_SYMLINK_FOLLOW = 0x400;
const RENAME_EXCHANGE = 2;
const RENAME_WHITEOUT = 4;
const errnoNames = new Map(Object.entries(koffi.os.errno).map(([name, code]) => [code, name]));

/** For the requests that have no function of their own here. */
export function ioctl(
  fd: number,
  request: number,
  argument: NodeJS.TypedArray,
  name: string,
): void {
  check(ioctlCall(fd, request, argument), `ioctl ${name}`, `fd ${fd}`);
}

export class SyscallFailed extends Error {
  readonly code: string;
  constructor(call: string, subject: string) {
    const errno = koffi.errno();
    const code = errnoNames.get(errno) ?? String(errno);
    super(`${call} ${subject}: ${code}`);
    this.name = 'SyscallFailed';
    this.code = code;
  }
}

/** For one call each: fresh memory of this size for every file costs more than the call. */
const attributes = Buffer.alloc(65_536);

/** Names of the extended attributes, sorted; bytes as latin1. A link is not followed. */
export function listXattrs(of: Path): string[] {
  const call = llistxattr(cstring(of), attributes, attributes.length);
  const length = Number(check(call, 'llistxattr', of));
  return attributes.toString('latin1', 0, length).split('\0').slice(0, -1).sort();
}

export function getXattr(of: Path, name: string): Buffer {
  const call = lgetxattr(cstring(of), cstring(latin1(name)), attributes, attributes.length);
  return Buffer.from(attributes.subarray(0, Number(check(call, 'lgetxattr', of))));
}

export function setXattr(of: Path, name: string, value: Uint8Array): void {
  const call = lsetxattrCall(cstring(of), cstring(latin1(name)), value, value.length, 0);
  check(call, `lsetxattr ${name}`, of);
}

export function removeXattr(of: Path, name: string): void {
  check(lremovexattrCall(cstring(of), cstring(latin1(name))), `lremovexattr ${name}`, of);
}

/** `mode` with the file type; `rdev` as makedev(3) gives it. */
export function mknod(at: Path, mode: number, rdev = 0n): void {
  check(mknodCall(cstring(at), mode, rdev), 'mknod', at);
}

/** makedev(3) of glibc. */
export function makeDevice(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (
    ((high & 0xfffff000n) << 32n) |
    ((high & 0xfffn) << 8n) |
    ((low & 0xffffff00n) << 12n) |
    (low & 0xffn)
  );
}

/** Sets atime and mtime in nanoseconds since the epoch. A link is not followed. */
export function setTimes(of: Path, atimeNs: bigint, mtimeNs: bigint): void {
  const times = BigInt64Array.from([...timespec(atimeNs), ...timespec(mtimeNs)]);
  check(utimensatCall(AT_FDCWD, cstring(of), times, AT_SYMLINK_NOFOLLOW), 'utimensat', of);
}

export const FALLOC_KEEP_SIZE = 1;
export const FALLOC_PUNCH_HOLE = 2;

export function fallocate(fd: number, mode: number, offset: number, length: number): void {
  check(fallocateCall(fd, mode, offset, length), 'fallocate', `fd ${fd}`);
}

/** Swaps two names in one step. */
export function exchange(first: Path, second: Path): void {
  const call = renameat2Call(AT_FDCWD, cstring(first), AT_FDCWD, cstring(second), RENAME_EXCHANGE);
  check(call, 'renameat2', first);
}

/** A pipe of the kernel; Node's own `pipe` between children is a socket. Both ends are the caller's. */
/** Moves an entry and leaves a character device 0:0 where it was. */
export function renameLeavingWhiteout(from: Path, to: Path): void {
  check(
    renameat2Call(AT_FDCWD, cstring(from), AT_FDCWD, cstring(to), RENAME_WHITEOUT),
    'renameat2',
    from,
  );
}

export function openPipe(): { readonly read: number; readonly write: number } {
  const O_CLOEXEC = 0o2000000;
  const ends = new Int32Array(2);
  check(pipe2Call(ends, O_CLOEXEC), 'pipe2', '');
  return { read: ends[0]!, write: ends[1]! };
}

/** FS_*_FL bits of `linux/fs.h`. */
export const FileFlag = {
  compress: 0x4,
  sync: 0x8,
  immutable: 0x10,
  append: 0x20,
  nodump: 0x40,
  noatime: 0x80,
  nocompress: 0x400,
  dirsync: 0x10000,
  nocow: 0x800000,
} as const;

/** FS_IOC_GETFLAGS: the flags that lsattr shows. */
export function getFileFlags(fd: number): number {
  const value = new Int32Array(2);
  check(ioctlCall(fd, 0x80086601, value), 'ioctl FS_IOC_GETFLAGS', `fd ${fd}`);
  return value[0]!;
}

export function setFileFlags(fd: number, flags: number): void {
  check(ioctlCall(fd, 0x40086602, Int32Array.of(flags, 0)), 'ioctl FS_IOC_SETFLAGS', `fd ${fd}`);
}

/** FICLONERANGE; length 0 means up to the end of the source. */
export function cloneRange(
  from: number,
  fromOffset: number,
  length: number,
  to: number,
  toOffset: number,
): void {
  const argument = BigInt64Array.from([from, fromOffset, length, toOffset], BigInt);
  check(ioctlCall(to, 0x4020940d, argument), 'ioctl FICLONERANGE', `fd ${to}`);
}

/** FIDEDUPERANGE: equal blocks become shared; differing ones stay as they are. */
export function dedupeRange(
  from: number,
  fromOffset: number,
  length: number,
  to: number,
  toOffset: number,
): void {
  const argument = new BigInt64Array(7);
  argument.set([BigInt(fromOffset), BigInt(length), 1n, BigInt(to), BigInt(toOffset)]);
  check(ioctlCall(from, 0xc0189436, argument), 'ioctl FIDEDUPERANGE', `fd ${to}`);
}

/** BTRFS_IOC_SUBVOL_CREATE: a nested subvolume. */
export function createSubvolume(at: Path): void {
  const whole = bytes(at);
  const slash = whole.lastIndexOf('/');
  const argument = Buffer.alloc(4096);
  whole.copy(argument, 8, slash + 1);
  const fd = openSync(whole.subarray(0, slash), 'r');
  try {
    check(ioctlCall(fd, 0x5000940e, argument), 'ioctl SUBVOL_CREATE', at);
  } finally {
    closeSync(fd);
  }
}

/** BTRFS_IOC_SNAP_CREATE_V2: returns when the snapshot is on disk. */
export function createSnapshot(of: Path, at: Path, isReadOnly: boolean): void {
  const whole = bytes(at);
  const slash = whole.lastIndexOf('/');
  const argument = Buffer.alloc(4096);
  const source = openSync(bytes(of), 'r');
  const folder = openSync(whole.subarray(0, slash), 'r');
  try {
    argument.writeBigInt64LE(BigInt(source), 0);
    argument.writeBigUInt64LE(isReadOnly ? 2n : 0n, 16);
    whole.copy(argument, 56, slash + 1);
    check(ioctlCall(folder, 0x50009417, argument), 'ioctl SNAP_CREATE_V2', at);
  } finally {
    closeSync(source);
    closeSync(folder);
  }
}

/** A name for an open file that has none. */
export function linkOpenFile(fd: number, to: Path): void {
  const from = Buffer.from(`/proc/self/fd/${fd}`);
  const call = linkatCall(AT_FDCWD, cstring(from), AT_FDCWD, cstring(to), AT_SYMLINK_FOLLOW);
  check(call, 'linkat', to);
}

/** A path as bytes, joined below a directory. */
export function joinPath(directory: Path, name: Path): Buffer {
  return Buffer.concat([bytes(directory), Buffer.from('/'), bytes(name)]);
}

export function bytes(of: Path): Buffer {
  return typeof of === 'string'
    ? Buffer.from(of)
    : Buffer.from(of.buffer, of.byteOffset, of.length);
}

/** For people: what is not printable ASCII is escaped as \xNN. */
export function showPath(of: Path): string {
  return Array.from(bytes(of), (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}

function cstring(of: Path): Buffer {
  return Buffer.concat([bytes(of), Buffer.of(0)]);
}

function latin1(name: string): Buffer {
  return Buffer.from(name, 'latin1');
}

function timespec(ns: bigint): [bigint, bigint] {
  const nanoseconds = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return [(ns - nanoseconds) / 1_000_000_000n, nanoseconds];
}

function check<T extends number | bigint>(result: T, call: string, subject: Path): T {
  if (result < 0) throw new SyscallFailed(call, showPath(subject));
  return result;
}
