import type { LibraryHandle } from 'koffi';
import { keepingErrno } from './kept-errno.ts';
import { koffi, type NativeFunction } from './koffi.ts';

export { lastErrno } from './kept-errno.ts';

/** What a pointer argument may be: bytes of ours, an address, or NULL. */
export type Pointer = Uint8Array | bigint | null;

/** The C functions that Dendro calls, as their manual pages (section 2 and 3) declare them. */
export interface Libc {
  openat(dir: number, path: Pointer, flags: number, mode: number): number;
  /** syscall(2) with five arguments, the last four being (int, void*, void*, size_t). */
  syscall4(number: number, first: number, second: Pointer, third: Pointer, last: number): number;
  /** syscall(2) with a pointer and a number: fsopen. */
  syscallPath(number: number, path: Pointer, flags: number): number;
  /** syscall(2) with (int, unsigned, char*, void*, int): fsconfig. */
  syscallConfig(
    number: number,
    fd: number,
    command: number,
    key: Pointer,
    value: Pointer,
    last: number,
  ): number;
  /** syscall(2) with (int, char*, unsigned, int): fchmodat2. */
  syscallMode(number: number, dir: number, path: Pointer, mode: number, flags: number): number;
  /** syscall(2) with three numbers: fsmount. */
  syscall3(number: number, first: number, second: number, third: number): number;
  close(fd: number): number;
  ioctl(fd: number, request: number, argument: Pointer): number;
  ioctlNumber(fd: number, request: number, argument: number): number;
  pread(fd: number, data: Pointer, length: number, offset: number): number;
  pwrite(fd: number, data: Pointer, length: number, offset: number): number;
  lseek(fd: number, offset: number, whence: number): number;
  ftruncate(fd: number, size: number): number;
  fallocate(fd: number, mode: number, offset: number, length: number): number;
  fsync(fd: number): number;
  syncfs(fd: number): number;
  sync_file_range(fd: number, offset: number, length: number, flags: number): number;
  fchown(fd: number, uid: number, gid: number): number;
  fchownat(dir: number, path: Pointer, uid: number, gid: number, flags: number): number;
  fchmod(fd: number, mode: number): number;
  fchmodat(dir: number, path: Pointer, mode: number, flags: number): number;
  futimens(fd: number, times: Pointer): number;
  utimensat(dir: number, path: Pointer, times: Pointer, flags: number): number;
  mkdirat(dir: number, path: Pointer, mode: number): number;
  mknodat(dir: number, path: Pointer, mode: number, device: number | bigint): number;
  symlinkat(target: Pointer, dir: number, path: Pointer): number;
  linkat(from: number, path: Pointer, to: number, newPath: Pointer, flags: number): number;
  renameat2(from: number, path: Pointer, to: number, newPath: Pointer, flags: number): number;
  unlinkat(dir: number, path: Pointer, flags: number): number;
  readlinkat(dir: number, path: Pointer, target: Pointer, size: number): number;
  statx(dir: number, path: Pointer, flags: number, mask: number, into: Pointer): number;
  fsetxattr(fd: number, name: Pointer, value: Pointer, size: number, flags: number): number;
  fgetxattr(fd: number, name: Pointer, value: Pointer, size: number): number;
  flistxattr(fd: number, list: Pointer, size: number): number;
  fremovexattr(fd: number, name: Pointer): number;
  lsetxattr(path: Pointer, name: Pointer, value: Pointer, size: number, flags: number): number;
  lgetxattr(path: Pointer, name: Pointer, value: Pointer, size: number): number;
  llistxattr(path: Pointer, list: Pointer, size: number): number;
  lremovexattr(path: Pointer, name: Pointer): number;
  fstatfs(fd: number, into: Pointer): number;
  mmap(
    address: null,
    length: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ): bigint;
  munmap(address: bigint, length: number): number;
  mount(source: Pointer, target: Pointer, type: Pointer, flags: number, data: Pointer): number;
  umount2(target: Pointer, flags: number): number;
  umask(mask: number): number;
  flock(fd: number, operation: number): number;
  pipe2(ends: Pointer, flags: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  poll(table: Pointer, count: number, timeoutMs: number): number;
  socket(domain: number, type: number, protocol: number): number;
  sendto(
    fd: number,
    data: Pointer,
    length: number,
    flags: number,
    address: Pointer,
    addressLength: number,
  ): number;
  getsockopt(fd: number, level: number, name: number, value: Pointer, length: Pointer): number;
}

let bound: Libc | undefined;

/** Loaded and bound at the first call: a command that needs no system call starts sooner. */
export function libc(): Libc {
  return (bound ??= bind());
}

/**
 * Calls by other threads whose end this one has not heard of. It hears of it between two turns of
 * its event loop, and a whole receive is one turn; koffi refuses the 257th.
 */
const MOST_ASIDE = 128;
let aside = 0;
const callsAside: { sync_file_range?: NativeFunction } = {};

/**
 * Has another thread make the call, and does not wait for it, unless too many were made in this
 * turn. For hints only: by then its numbers may mean something else, and what it returns is not
 * looked at.
 */
export function callAside(name: 'sync_file_range', ...numbers: readonly number[]): void {
  const call = (callsAside[name] ??= declare(name, SIGNATURES[name]));
  if (aside >= MOST_ASIDE) {
    call(...numbers);
    return;
  }
  aside += 1;
  call.async(...numbers, () => {
    aside -= 1;
  });
}

/** Memory at an address of ours (a mapping), as bytes. */
export function memoryAt(address: bigint, lengthBytes: number): Uint8Array {
  return new Uint8Array(koffi().view(address, lengthBytes));
}

/** The address of bytes of ours, for structures that hold pointers. */
export function addressOf(bytes: Uint8Array): bigint {
  return koffi().address(bytes);
}

/** Each name with its result and parameters; `i` int, `u` unsigned, `l` 64 bits, `p` pointer. */
const SIGNATURES: Record<Exclude<keyof Libc, `syscall${string}` | 'ioctlNumber'>, string> = {
  openat: 'i:ipiu',
  close: 'i:i',
  ioctl: 'i:izp',
  pread: 'l:ipzl',
  pwrite: 'l:ipzl',
  lseek: 'l:ili',
  ftruncate: 'i:il',
  fallocate: 'i:iill',
  fsync: 'i:i',
  syncfs: 'i:i',
  sync_file_range: 'i:illu',
  fchown: 'i:iuu',
  fchownat: 'i:ipuui',
  fchmod: 'i:iu',
  fchmodat: 'i:ipui',
  futimens: 'i:ip',
  utimensat: 'i:ippi',
  mkdirat: 'i:ipu',
  mknodat: 'i:ipuz',
  symlinkat: 'i:pip',
  linkat: 'i:ipipi',
  renameat2: 'i:ipipu',
  unlinkat: 'i:ipi',
  readlinkat: 'l:ippz',
  statx: 'i:ipiup',
  fsetxattr: 'i:ippzi',
  fgetxattr: 'l:ippz',
  flistxattr: 'l:ipz',
  fremovexattr: 'i:ip',
  lsetxattr: 'i:pppzi',
  lgetxattr: 'l:pppz',
  llistxattr: 'l:ppz',
  lremovexattr: 'i:pp',
  fstatfs: 'i:ip',
  mmap: 'p:pziiil',
  munmap: 'i:pz',
  mount: 'i:pppzp',
  umount2: 'i:pi',
  umask: 'u:u',
  flock: 'i:ii',
  pipe2: 'i:pi',
  fcntl: 'i:iii',
  poll: 'i:pzi',
  socket: 'i:iii',
  sendto: 'l:ipzipu',
  getsockopt: 'i:iiipp',
};

const TYPES: Record<string, string> = {
  i: 'int',
  u: 'uint32_t',
  l: 'int64_t',
  z: 'uint64_t',
  p: 'void *',
};

function bind(): Libc {
  const table: Record<string, unknown> = {};
  const add = (key: keyof Libc, name: string, signature: string): void => {
    const call = declare(name, signature);
    table[key] = keepingErrno(call, signature.split(':')[1]!.length);
  };
  for (const [name, signature] of Object.entries(SIGNATURES)) {
    add(name as keyof Libc, name, signature);
  }
  add('syscall4', 'syscall', 'l:lippz');
  add('syscallPath', 'syscall', 'l:lpz');
  add('syscallConfig', 'syscall', 'l:lzzppz');
  add('syscallMode', 'syscall', 'l:lzpzz');
  add('syscall3', 'syscall', 'l:lzzz');
  add('ioctlNumber', 'ioctl', 'i:izz');
  return table as unknown as Libc;
}

let library: LibraryHandle | undefined;

function declare(name: string, signature: string): NativeFunction {
  library ??= koffi().load(null);
  const [result, parameters] = signature.split(':');
  const types = [...parameters!].map((letter) => TYPES[letter]!);
  return library.func(name, TYPES[result!]!, types);
}
