import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import {
  conflict,
  corrupt,
  denied,
  DendroError,
  ioError,
  unsupported,
  type ErrorDetails,
  type ErrorPlace,
} from '../../shared/errors.ts';
import { say, type Said } from '../../shared/said.ts';
import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { lastErrno } from './libc.ts';

/** Those of Linux that Node has no name for (asm-generic/errno.h; x86-64 and arm64). */
const LINUX_ONLY = {
  ...{ ESHUTDOWN: 108, EHOSTDOWN: 112, EUCLEAN: 117 },
  ...{ EREMOTEIO: 121, ENOMEDIUM: 123, ENOKEY: 126 },
};

const NAMES = new Map<number, string>(
  Object.entries({ ...constants.errno, ...LINUX_ONLY }).map(([name, number]) => [number, name]),
);

/** 'ENOSPC' for 28; 'errno 1234' for what this system has no name for. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

export const ERRNO = constants.errno;

/** The error of a system call; `errno` says which, for callers that go on after some of them. */
export class SystemError extends DendroError {
  readonly errno: number;

  constructor(like: DendroError, errno: number) {
    super(like.kind, like.code, like.message, like);
    this.errno = errno;
  }
}

export function isErrno(error: unknown, ...errnos: number[]): boolean {
  return error instanceof SystemError && errnos.includes(error.errno);
}

/**
 * Throws the typed error of `errno`. `what` is a verb phrase: 'create the folder'.
 * `path` is bytes or text, and may end in a NUL byte.
 */
export function throwErrno(
  errno: number,
  what: string,
  path?: Uint8Array | string,
  place: ErrorPlace = {},
): never {
  const text = path === undefined ? undefined : pathText(path);
  const name = { errno: errnoName(errno) };
  const message =
    text === undefined
      ? say`Could not ${{ what }}: ${name}.`
      : say`Could not ${{ what }} "${{ path: text }}": ${name}.`;
  const where = text === undefined ? place : { path: text, ...place };
  throw new SystemError(typed(errno, message, where), errno);
}

/** Passes results of zero and more through, and throws the last errno otherwise. */
export function checked(
  result: number,
  what: string,
  path?: Uint8Array | string,
  place?: ErrorPlace,
): number {
  if (result < 0) throwErrno(lastErrno(), what, path, place);
  return result;
}

/** So rmSync calls EIO, as of names whose files a power cut took (seen on NTFS). */
const UV_UNKNOWN = 4094;

/** The typed form of an error of Node's own fs; any other is passed through. */
export function typedFs(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DendroError) return error;
  const { errno, syscall = 'use', path } = error as NodeJS.ErrnoException;
  if (typeof errno !== 'number' || errno === 0) return error;
  try {
    // That of rmSync is positive, of all others it is negative.
    const number = Math.abs(errno);
    throwErrno(number === UV_UNKNOWN ? ERRNO.EIO : number, syscall, path);
  } catch (typed) {
    return typed;
  }
}

export function pathText(path: Uint8Array | string): string {
  if (typeof path === 'string') return printable(path);
  const end = path.indexOf(0);
  return printable(textFromBytes(end < 0 ? path : path.subarray(0, end)));
}

/** The kernel says the same of all three. */
const READ_ONLY_HINT =
  'Mount it read-write, or choose a place outside of a read-only snapshot; ' +
  'after a device error, check the drive.';

const SERVER_ENDED =
  'The program that serves this filesystem has ended: unmount it and mount it again.';

const CONNECTION_LOST = 'Check the network and the other computer; mount it again if need be.';

const DAMAGED = 'Check it while it is not mounted (btrfs check, fsck); see the kernel log.';

const NOT_ACCEPTED =
  'The filesystem does not take this: if a stream asks for it, that is damaged, or was made for ' +
  'another filesystem.';

type Make = (code: string, message: Said, details?: ErrorDetails) => DendroError;

/** Who must act, the stable code, and what to do (`errno(3)`). */
const KINDS: Record<string, readonly [Make, string, string]> = {
  EACCES: [denied, 'permission-denied', 'Run as root, or ask for the permission.'],
  EPERM: [denied, 'permission-denied', 'Run as root, or ask for the permission.'],
  ENOSPC: [ioError, 'target-full', 'Free some space on the target and run it again.'],
  EDQUOT: [ioError, 'target-full', 'Raise the quota or free some space, and run it again.'],
  EROFS: [ioError, 'read-only', READ_ONLY_HINT],
  EIO: [ioError, 'device-error', 'Check the drive and its cable; see the kernel log.'],
  ENODEV: [ioError, 'device-gone', 'Plug the drive in again.'],
  ENXIO: [ioError, 'device-gone', 'Plug the drive in again.'],
  ENOTCONN: [ioError, 'device-gone', SERVER_ENDED],
  ECONNABORTED: [ioError, 'device-gone', SERVER_ENDED],
  EPIPE: [ioError, 'pipe-closed', 'The reader at the other end has stopped: see its message.'],
  EMFILE: [ioError, 'too-many-files', 'Raise the limit of open files.'],
  ENFILE: [ioError, 'too-many-files', 'Raise the limit of open files of the whole system.'],
  ENOMEM: [ioError, 'no-memory', 'Close other programs, or give it more memory; run it again.'],
  EUCLEAN: [corrupt, 'filesystem-damaged', DAMAGED],
  EBADMSG: [corrupt, 'filesystem-damaged', DAMAGED],
  ESHUTDOWN: [ioError, 'device-error', 'Check the drive and its cable; see the kernel log.'],
  ENOMEDIUM: [ioError, 'device-gone', 'Plug the drive in again.'],
  EREMOTEIO: [ioError, 'device-error', 'Check the drive and its cable; see the kernel log.'],
  ESTALE: [ioError, 'device-gone', CONNECTION_LOST],
  ETIMEDOUT: [ioError, 'device-gone', CONNECTION_LOST],
  ECONNRESET: [ioError, 'device-gone', CONNECTION_LOST],
  EHOSTDOWN: [ioError, 'device-gone', CONNECTION_LOST],
  EHOSTUNREACH: [ioError, 'device-gone', CONNECTION_LOST],
  ENETUNREACH: [ioError, 'device-gone', CONNECTION_LOST],
  EFBIG: [ioError, 'file-too-large', 'The target filesystem cannot hold a file of this size.'],
  ENOENT: [conflict, 'not-found', ''],
  EEXIST: [conflict, 'exists', ''],
  ENOTEMPTY: [conflict, 'not-empty', ''],
  ENOTDIR: [conflict, 'not-a-directory', ''],
  EISDIR: [conflict, 'is-a-directory', ''],
  EXDEV: [conflict, 'outside', 'The path leads out of the folder that it must stay in.'],
  ELOOP: [conflict, 'symlink-refused', 'A symbolic link is in the way.'],
  EBUSY: [conflict, 'busy', ''],
  ETXTBSY: [conflict, 'busy', 'A program runs it, or it is a swap file in use.'],
  EAGAIN: [conflict, 'busy', 'Another program is changing it; run it again.'],
  ENAMETOOLONG: [conflict, 'name-too-long', ''],
  EILSEQ: [conflict, 'name-not-taken', 'Rename it: the filesystem cannot have such a name.'],
  EMLINK: [conflict, 'too-many-links', 'One file can have no more names on this filesystem.'],
  EINVAL: [conflict, 'not-accepted', NOT_ACCEPTED],
  EOVERFLOW: [conflict, 'not-accepted', NOT_ACCEPTED],
  ERANGE: [conflict, 'not-accepted', NOT_ACCEPTED],
  E2BIG: [conflict, 'not-accepted', NOT_ACCEPTED],
  ENOKEY: [denied, 'folder-locked', 'It is encrypted: unlock the folder first.'],
  ENOTTY: [unsupported, 'not-supported-here', 'The filesystem does not have this feature.'],
  EOPNOTSUPP: [unsupported, 'not-supported-here', 'The filesystem does not have this feature.'],
  ENOSYS: [unsupported, 'kernel-too-old', 'Dendro needs Linux 5.6 or newer.'],
};

const UNKNOWN = [ioError, 'system-call-failed', 'See the kernel log: it may say more.'] as const;

function typed(errno: number, message: Said, place: ErrorPlace): DendroError {
  const hidden = errno === ERRNO.ENOENT ? hiddenSystemFolder(place.path) : undefined;
  if (hidden !== undefined) return notMounted(hidden, message, place);
  const isRefused = errno === ERRNO.EPERM || errno === ERRNO.EACCES;
  if (isRefused && process.geteuid?.() === 0) return refusedToRoot(message, place);
  const [make, code, hint] = KINDS[errnoName(errno)] ?? UNKNOWN;
  return make(code, message, { hint, place });
}

/** Of what the kernel tells of files and devices: a chroot may lack it. */
function hiddenSystemFolder(path: unknown): string | undefined {
  const looked = [
    ['/proc', '/proc/self'],
    ['/sys', '/sys/dev'],
  ] as const;
  return looked.find(
    ([folder, inIt]) => String(path).startsWith(`${folder}/`) && !existsSync(inIt),
  )?.[0];
}

function notMounted(folder: string, message: Said, place: ErrorPlace): DendroError {
  return conflict('system-not-mounted', message, {
    hint: say`${{ folder }} is not mounted here. In a chroot: mount --rbind ${{ folder }} CHROOT${{ folder }}, from outside.`,
    place,
  });
}

/** chattr(1), mount_namespaces(7), the root_squash of exports(5), filesystems in user space. */
function refusedToRoot(message: Said, place: ErrorPlace): DendroError {
  return denied('refused-to-root', message, {
    hint:
      'Root may not do this either: the file may be immutable (lsattr), or its filesystem or ' +
      'container does not allow it.',
    place,
  });
}
