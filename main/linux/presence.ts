import { closeSync, constants, openSync, readdirSync, readSync } from 'node:fs';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath, statFd } from './files.ts';
import { ERRNO, SystemError } from './libc-error.ts';
import { mountOf } from './mount-of.ts';

/** Its memory is aligned as O_DIRECT needs it. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer };
};

/** What is said of a folder, or of a disk, that was pulled: bad blocks are met further inside. */
const GONE: readonly number[] = [
  ...[ERRNO.ENOENT, ERRNO.ENOTDIR, ERRNO.EIO, ERRNO.ENODEV, ERRNO.ENXIO, ERRNO.ENOTCONN],
  ...[ERRNO.ESTALE, ERRNO.ETIMEDOUT, ERRNO.EHOSTUNREACH, ERRNO.ENOLINK],
];
const PAGE_BYTES = 4_096;
/** So many files of a folder are tried. */
const FILES_TRIED = 3;
/** A bad block at each of them, and nowhere else seen before, would be a strange accident. */
const LOOKED_AT = [0, 1 << 20, 8 << 20];

/** A folder as it was when it was opened: tells later whether its drive is still there. */
export class Presence {
  readonly #folder: Uint8Array;
  readonly #device: string;
  /** The block device that is mounted there; undefined for what lies elsewhere, as in a network. */
  readonly #disk: string | undefined;

  /** @param folder absolute. @throws Io, Conflict of the kernel */
  constructor(folder: Uint8Array) {
    this.#folder = Uint8Array.from(folder);
    const fd = openPath(cString(folder), O_RDONLY | O_DIRECTORY);
    try {
      this.#device = deviceOf(fd);
      const source = Buffer.from(mountOf(fd)?.source ?? '').toString();
      this.#disk = source.startsWith('/dev/') ? source : undefined;
    } finally {
      closeFd(fd);
    }
  }

  /** Unmounted, unplugged, shut down, or nothing of its disk can be read any more. */
  isGone(): boolean {
    const isDiskDead = this.#disk !== undefined && isDead(this.#disk);
    return this.#hasLeft() || isDiskDead || isShutDown(this.#folder);
  }

  #hasLeft(): boolean {
    try {
      const fd = openPath(cString(this.#folder), O_RDONLY | O_DIRECTORY);
      try {
        return deviceOf(fd) !== this.#device;
      } finally {
        closeFd(fd);
      }
    } catch (error) {
      return error instanceof SystemError && GONE.includes(error.errno);
    }
  }
}

function deviceOf(fd: number): string {
  return statFd(fd).device.join(':');
}

/**
 * A filesystem that has shut down after an error (ext4, xfs) still shows its folders, and no file
 * can be opened any more. That takes no data block of a file, so a bad block is not taken for it.
 */
function isShutDown(folder: Uint8Array): boolean {
  const files = regularFiles(folder).slice(0, FILES_TRIED);
  return files.length > 0 && files.every(isUnopenable);
}

/** Paths of what lies in it; none where it cannot be listed. */
function regularFiles(folder: Uint8Array): Buffer[] {
  try {
    const entries = readdirSync(Buffer.from(folder), { encoding: 'buffer', withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => Buffer.concat([folder, Buffer.from('/'), name]));
  } catch {
    return [];
  }
}

function isUnopenable(path: Buffer): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
    return false;
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException;
    return errno === -ERRNO.EIO;
  }
}

/** Past the page cache, which remembers a disk that is gone. A disk that may not be read is none. */
function isDead(disk: string): boolean {
  let fd: number;
  try {
    fd = openSync(disk, constants.O_RDONLY | constants.O_DIRECT);
  } catch (error) {
    return isGoneError(error);
  }
  try {
    const page = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, PAGE_BYTES);
    return LOOKED_AT.every((at) => isUnreadable(fd, page, at));
  } finally {
    closeSync(fd);
  }
}

function isUnreadable(fd: number, page: Uint8Array, at: number): boolean {
  try {
    return readSync(fd, page, 0, page.length, at) === 0;
  } catch (error) {
    return isGoneError(error);
  }
}

function isGoneError(error: unknown): boolean {
  const { errno } = error as NodeJS.ErrnoException;
  return typeof errno === 'number' && GONE.includes(-errno);
}
