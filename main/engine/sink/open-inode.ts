import type { Bytes } from '../stream/command-sink.ts';
import {
  AT_SYMLINK_NOFOLLOW,
  closeFd,
  type FileStatus,
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
  #fd = -1;
  readonly #place = new Place();
  /** What the tree had closed when the place was looked up; -1 when it was not. */
  #placedAt = -1;
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
    if (directory >= 0) return this.#enter(path, 'directory', -1);
    this.#tree.locate(path, this.#place);
    const status = statAt(this.#place.dir, this.#place.name, AT_SYMLINK_NOFOLLOW);
    this.#enter(path, kindOf(status.mode), -1);
    this.#placedAt = this.#tree.closed;
    this.#owned = ownershipIn(status);
    return this;
  }

  /** Open for reading and writing (a file) or reading (a directory, the tree's own); -1 while not. */
  get fd(): number {
    return this.kind === 'directory' ? this.#tree.opened(this.#bytes) : this.#fd;
  }

  get #bytes(): Buffer {
    return this.#path.subarray(0, this.#length);
  }

  /** Where it is: its name is used for what is not done through `fd`. */
  get place(): Place {
    if (this.#placedAt === this.#tree.closed) return this.#place;
    this.#tree.locate(this.#bytes, this.#place);
    this.#placedAt = this.#tree.closed;
    return this.#place;
  }

  /** A file that has just been made and is open for writing. */
  made(path: Bytes, fd: number): void {
    this.leave();
    this.#enter(path, 'file', fd);
    this.#isWritable = true;
  }

  /** A directory that has just been made. */
  madeDirectory(path: Bytes): void {
    this.leave();
    this.#enter(path, 'directory', -1);
  }

  /** The descriptor to change the file's bytes through. */
  writable(): number {
    if (this.kind === 'file' && !this.#isWritable) {
      this.#close();
      this.#fd = this.#open(O_RDWR);
      this.#isWritable = true;
    }
    return this.#fd;
  }

  /** A descriptor for attributes and flags, or -1 where there can be none. */
  readable(): number {
    if (this.kind === 'directory') return this.#tree.directory(this.#bytes);
    if (this.kind === 'file' && this.#fd < 0) this.#fd = this.#openUnseen();
    return this.#fd;
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
    this.#length = -1;
    this.#placedAt = -1;
    this.kind = 'none';
    this.#owned = undefined;
  }

  #enter(path: Bytes, kind: InodeKind, fd: number): this {
    if (path.length > this.#path.length) this.#path = Buffer.alloc(2 * path.length);
    if (path.length > SHORT) this.#path.set(path);
    else for (let i = 0; i < path.length; i += 1) this.#path[i] = path[i]!;
    this.#length = path.length;
    this.kind = kind;
    this.#fd = fd;
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
      this.#bytes,
    );
  }

  #look(): Ownership {
    if (this.fd >= 0) return ownershipIn(statFd(this.fd));
    const { dir, name } = this.place;
    return ownershipIn(statAt(dir, name, AT_SYMLINK_NOFOLLOW));
  }

  /** Lets go of the file; it is opened again when needed. A directory belongs to the tree. */
  #close(): void {
    if (this.#fd >= 0) closeFd(this.#fd);
    this.#fd = -1;
    this.#isWritable = false;
  }
}

function kindOf(mode: number): InodeKind {
  const type = mode & S_IFMT;
  if (type === S_IFDIR) return 'directory';
  if (type === S_IFREG) return 'file';
  return type === S_IFLNK ? 'symlink' : 'special';
}

function ownershipIn({ uid, gid, mode }: FileStatus): Ownership {
  return { uid, gid, mode: mode & 0o7777 };
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
