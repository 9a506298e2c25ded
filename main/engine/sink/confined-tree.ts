import type { Bytes } from '../stream/command-sink.ts';
import { checked, isErrno, ERRNO } from '../../linux/libc-error.ts';
import { closeFd, O_DIRECTORY, O_RDONLY, tryOpenBeneath } from '../../linux/files.ts';

const SLASH = 0x2f;
const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 256;
/** Between folders on the way down a long path; with a name less than what a system call takes. */
const BASE_BYTES = 2048;
/** Open directories kept at most: enough for a deep tree and its neighbours. */
const MAX_KEPT = 256;

/** A place in the tree: an open directory, and a name in it that ends in a NUL. */
export class Place {
  dir = -1;
  readonly name: Buffer = Buffer.alloc(MAX_NAME_BYTES);
}

/**
 * Paths below one directory. The kernel resolves every parent with RESOLVE_BENEATH and
 * RESOLVE_NO_SYMLINKS; directories stay open, so that neighbours cost one system call less, and
 * the last name of a path is used relative to its directory only.
 */
export class ConfinedTree {
  readonly root: number;
  /** Directories that were closed again: a place from before may be in one of them. */
  closed = 0;
  readonly #kept = new Map<string, number>();
  readonly #path = Buffer.alloc(MAX_PATH_BYTES);
  readonly #lastParent = Buffer.alloc(MAX_PATH_BYTES);
  #lastLength = -1;
  #lastFd = -1;

  /** `root` stays the caller's to close. */
  constructor(root: number) {
    this.root = root;
  }

  /**
   * Fills `place` with the parent directory, open, and the last name of `path`. The place that was
   * located before this one holds good as well: a link or a rename needs two.
   */
  locate(path: Bytes, place: Place): void {
    const slash = path.lastIndexOf(SLASH);
    place.dir = slash < 0 ? this.root : this.#parent(path, slash);
    const length = path.length - slash - 1;
    for (let i = 0; i < length; i += 1) place.name[i] = path[slash + 1 + i]!;
    place.name[length] = 0;
  }

  /** A directory, kept open; the empty path is the root. Throws when it is none. */
  directory(path: Bytes): number {
    return path.length === 0 ? this.root : this.#open(path, path.length);
  }

  /** The directory if it is open already, else -1. */
  opened(path: Bytes): number {
    if (path.length === 0) return this.root;
    return this.#kept.size === 0 ? -1 : (this.#kept.get(keyOf(path, path.length)) ?? -1);
  }

  /** To be called when something at `path` was renamed, removed or replaced. */
  forget(path: Bytes): void {
    if (this.#kept.size === 0) return;
    const key = keyOf(path, path.length);
    for (const [kept, fd] of this.#kept) {
      if (kept.startsWith(key) && (kept.length === key.length || kept[key.length] === '/')) {
        this.#drop(kept, fd);
      }
    }
  }

  close(): void {
    for (const [kept, fd] of this.#kept) this.#drop(kept, fd);
  }

  #parent(path: Bytes, length: number): number {
    if (length === this.#lastLength) {
      let at = 0;
      while (at < length && path[at] === this.#lastParent[at]) at += 1;
      if (at === length) return this.#lastFd;
    }
    const fd = this.#open(path, length);
    this.#lastFd = fd;
    this.#lastLength = length < MAX_PATH_BYTES ? length : -1;
    for (let i = 0; i < this.#lastLength; i += 1) this.#lastParent[i] = path[i]!;
    return fd;
  }

  #open(path: Bytes, length: number): number {
    const key = keyOf(path, length);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    if (this.#kept.size >= MAX_KEPT) this.#dropOldest();
    const [base, start] = this.#baseOf(path, length);
    for (let i = start; i < length; i += 1) this.#path[i - start] = path[i]!;
    this.#path[length - start] = 0;
    const fd = checked(
      tryOpenBeneath(base, this.#path, O_RDONLY | O_DIRECTORY),
      'open the folder',
      this.#path,
    );
    this.#kept.set(key, fd);
    return fd;
  }

  /**
   * Of a path that is longer than a system call takes: a folder on the way, and where it ends. Paths
   * of about one length have the same one, which is open by then.
   */
  #baseOf(path: Bytes, length: number): readonly [fd: number, start: number] {
    if (length < MAX_PATH_BYTES) return [this.root, 0];
    const least = length - MAX_PATH_BYTES;
    const slash = path.indexOf(SLASH, Math.ceil(least / BASE_BYTES) * BASE_BYTES);
    return [this.#open(path, slash), slash + 1];
  }

  /** But never what was located last: its descriptor's number would be given to the next one. */
  #dropOldest(): void {
    for (const [kept, fd] of this.#kept) if (fd !== this.#lastFd) return this.#drop(kept, fd);
  }

  #drop(key: string, fd: number): void {
    if (fd === this.#lastFd) this.#lastFd = this.#lastLength = -1;
    this.#kept.delete(key);
    this.closed += 1;
    closeFd(fd);
  }
}

/** A key of the map: a character a byte. */
function keyOf(path: Bytes, length: number): string {
  return Buffer.from(path.buffer, path.byteOffset, length).toString('latin1');
}

export function isMissing(error: unknown): boolean {
  return isErrno(error, ERRNO.ENOENT, ERRNO.ENOTDIR);
}
