import type { Bytes } from '../stream/command-sink.ts';
import {
  AT_SYMLINK_NOFOLLOW,
  closeFd,
  O_CLOEXEC,
  O_NOATIME,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  statAt,
  statFd,
} from '../../linux/files.ts';
import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { checked, ERRNO, isErrno, pathText } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { type ConfinedTree, Place } from './confined-tree.ts';

const OPEN_FLAGS = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
const MAX_PATH_BYTES = 4096;
/** Up to here a loop is faster than a call out of the engine of the language. */
const SHORT = 512;

export type InodeKind = 'none' | 'file' | 'directory' | 'symlink' | 'special';

export interface Ownership {
  uid: number;
  gid: number;
  /** Permission bits, without the type. */
  mode: number;
}

/**
 * The inode that commands speak of just now: consecutive commands mostly name the same path, so
 * it is looked up and opened once. A device node or FIFO is never opened, a link never followed.
 */
export class OpenInode {
  kind: InodeKind = 'none';
  /** Open for reading and writing (a file) or reading (a directory); -1 for all else. */
  fd = -1;
  /** Where it is; its name is used for what cannot be done through `fd`. */
  readonly place = new Place();
  /** As a rule no longer than a system call takes, but in a tree deeper than that. */
  #path = Buffer.alloc(MAX_PATH_BYTES);
  readonly #tree: ConfinedTree;
  #length = -1;
  #isWritable = false;
  #owned: Ownership | undefined;

  constructor(tree: ConfinedTree) {
    this.#tree = tree;
  }

  isAt(path: Bytes): boolean {
    if (path.length !== this.#length) return false;
    if (path.length > SHORT) return Buffer.compare(path, this.#path.subarray(0, path.length)) === 0;
    for (let i = 0; i < path.length; i += 1) if (path[i] !== this.#path[i]) return false;
    return true;
  }

  /** Looks `path` up unless it is the one already. Throws ENOENT and the like. */
  at(path: Bytes): this {
    if (this.isAt(path)) return this;
    this.leave();
    const directory = this.#tree.opened(path);
    if (directory >= 0) return this.#enter(path, 'directory', directory);
    this.#tree.locate(path, this.place);
    const { mode } = statAt(this.place.dir, this.place.name, AT_SYMLINK_NOFOLLOW);
    const type = mode & S_IFMT;
    if (type === S_IFDIR) return this.#enter(path, 'directory', this.#tree.directory(path));
    if (type === S_IFREG) return this.#enter(path, 'file', -1);
    return this.#enter(path, type === S_IFLNK ? 'symlink' : 'special', -1);
  }

  /** A file that has just been made and is open for writing. */
  made(path: Bytes, fd: number): void {
    this.leave();
    this.#enter(path, 'file', fd);
    this.#isWritable = true;
  }

  /** The descriptor to change the file's bytes through. */
  writable(): number {
    if (this.kind === 'file' && !this.#isWritable) {
      this.#close();
      this.fd = this.#open(O_RDWR);
      this.#isWritable = true;
    }
    return this.fd;
  }

  /** A descriptor for attributes and flags, or -1 where there can be none. */
  readable(): number {
    if (this.kind === 'file' && this.fd < 0) this.fd = this.#openUnseen();
    return this.fd;
  }

  /** Owner and mode as they are now; kept up to date by the caller's own changes. */
  get owned(): Ownership {
    return (this.#owned ??= this.#look());
  }

  /** Takes owner and mode as known, without a look. */
  trust({ uid, gid, mode }: Ownership): void {
    this.#owned = { uid, gid, mode };
  }

  /** Something else may have changed owner or mode. */
  distrust(): void {
    this.#owned = undefined;
  }

  /** Closes it: it may be renamed, removed or left alone for good. */
  leave(): void {
    this.#close();
    this.fd = -1;
    this.#length = -1;
    this.kind = 'none';
    this.#owned = undefined;
  }

  #enter(path: Bytes, kind: InodeKind, fd: number): this {
    if (path.length > this.#path.length) this.#path = Buffer.alloc(2 * path.length);
    if (path.length > SHORT) this.#path.set(path);
    else for (let i = 0; i < path.length; i += 1) this.#path[i] = path[i]!;
    this.#length = path.length;
    this.kind = kind;
    this.fd = fd;
    return this;
  }

  /** What is read from it (a copy in place of a clone) changes no time, where that may be asked. */
  #openUnseen(): number {
    try {
      return this.#open(O_RDONLY | O_NOATIME);
    } catch (error) {
      if (!isErrno(error, ERRNO.EPERM)) throw error;
      return this.#open(O_RDONLY);
    }
  }

  #open(flags: number): number {
    return checked(
      // What was a file a moment ago may be a pipe now, if somebody else can write here.
      libc().openat(this.place.dir, this.place.name, flags | OPEN_FLAGS, 0),
      'open',
      this.#path.subarray(0, this.#length),
    );
  }

  #look(): Ownership {
    const status =
      this.fd >= 0 ? statFd(this.fd) : statAt(this.place.dir, this.place.name, AT_SYMLINK_NOFOLLOW);
    return { uid: status.uid, gid: status.gid, mode: status.mode & 0o7777 };
  }

  /** Lets go of the file; it is opened again when needed. A directory belongs to the tree. */
  #close(): void {
    if (this.kind === 'file' && this.fd >= 0) closeFd(this.fd);
    if (this.kind !== 'directory') this.fd = -1;
    this.#isWritable = false;
  }
}

/** Content is only in files. */
export function notAFile(path: Bytes): DendroError {
  const at = pathText(path);
  return corrupt(
    'content-of-no-file',
    say`The stream reads or writes content of "${{ path: at }}", which is no file.`,
    {
      hint: 'The snapshot that it builds on is not the same; send a full stream.',
      place: { path: at },
    },
  );
}
