import { Buffer } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { Bytes } from '../stream/command-sink.ts';
import {
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_RDWR,
  O_TRUNC,
  S_IFDIR,
  S_IFIFO,
  S_IFMT,
  S_IFSOCK,
  statAt,
} from '../../linux/files.ts';
import { ERRNO, isErrno, pathText, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { ConfinedTree, Place } from './confined-tree.ts';
import { HeldCreation, isTemporary, type Creation } from './held-creation.ts';
import { notAFile, OpenInode } from './open-inode.ts';
import { InodeWriter, type InodeWriterOptions } from './inode-writer.ts';

/** The modes that `mkfifo` and `mksock` stand for. */
export const FIFO_MODE = S_IFIFO | 0o600;
export const SOCKET_MODE = S_IFSOCK | 0o600;

/** Until the stream sets them: what most files and folders end with, so that it costs nothing. */
const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

export interface TreeWriterOptions extends InodeWriterOptions {
  /** Whether inodes may inherit ACLs, properties and flags from directories that were there. */
  readonly mayInherit: boolean;
}

/**
 * The commands of a stream that change names, applied below one directory; `inodes` has those
 * that change an inode. Errors are typed, with the path in their place.
 */
export class TreeWriter {
  readonly inodes: InodeWriter;
  readonly #tree: ConfinedTree;
  readonly #held = new HeldCreation();
  /** A file of this tree that is cloned from. */
  readonly #source: OpenInode;
  readonly #place = new Place();
  readonly #other = new Place();
  /** The next change may have been made already, by a run that was killed before it said so. */
  #isRepeating = false;
  /**
   * Every change from here on may have been made already: after a power cut, when the run goes on
   * at a place that is known to be whole and some of what came after it is on the drive.
   */
  isReplaying = false;

  constructor(root: number, options: TreeWriterOptions) {
    this.#tree = new ConfinedTree(root);
    this.#source = new OpenInode(this.#tree);
    this.inodes = new InodeWriter(this.#tree, options);
    this.inodes.mayInherit = options.mayInherit;
  }

  /** Whether the last command's effect is still to come. */
  get isHolding(): boolean {
    return !this.#held.isEmpty;
  }

  /** Whether the next change may have been made already. */
  get isRepeating(): boolean {
    return this.#isRepeating || this.isReplaying;
  }

  /** To be called when going on where a killed run stopped. */
  repeatNext(): void {
    this.#isRepeating = true;
  }

  /** Makes what is held back. To be called before any use of `inodes`. */
  settle(): void {
    if (this.#held.isEmpty) return;
    const held = this.#held.take();
    if (held === undefined) return;
    const wasThere = this.#create(held.path, held.creation);
    // A run that was killed may have done what comes next, too: that was not said yet of either.
    if (wasThere) this.#isRepeating = true;
  }

  /** Whether what is held back is to be made at this path. */
  isHeldAt(path: Bytes): boolean {
    return this.#held.isAt(path);
  }

  create(path: Bytes, creation: Creation): void {
    this.settle();
    if (isTemporary(path)) this.#held.hold(path, creation);
    else this.#create(path, creation);
  }

  rename(from: Bytes, to: Bytes): void {
    if (this.#held.isAt(from)) return this.#createAt(to);
    this.settle();
    this.#moved(from);
    this.#moved(to);
    const errno = this.#retry(from, to, () => {
      this.#tree.locate(from, this.#place);
      this.#tree.locate(to, this.#other);
      const { dir, name } = this.#place;
      return libc().renameat2(dir, name, this.#other.dir, this.#other.name, 0);
    });
    if (errno === 0 || (errno === ERRNO.ENOENT && this.#wasDone(() => this.#exists(to)))) return;
    throwFor(errno, 'rename', from);
  }

  link(path: Bytes, existing: Bytes): void {
    this.settle();
    this.inodes.leave();
    const errno = this.#retry(existing, path, () => {
      this.#tree.locate(existing, this.#place);
      this.#tree.locate(path, this.#other);
      const { dir, name } = this.#place;
      return libc().linkat(dir, name, this.#other.dir, this.#other.name, 0);
    });
    if (errno === 0 || (errno === ERRNO.EEXIST && this.#wasDone(() => this.#isSame()))) return;
    if (errno === ERRNO.EPERM && this.#isFolder(existing)) throwErrno(ERRNO.EISDIR, 'link', path);
    throwFor(errno, 'link', path);
  }

  unlink(path: Bytes): void {
    this.#remove(path, 0);
  }

  rmdir(path: Bytes): void {
    this.#remove(path, AT_REMOVEDIR);
  }

  /** What stood there was removed past this writer. */
  forget(path: Bytes): void {
    this.#moved(path);
  }

  /** A descriptor to clone from, of a file in this same tree; valid until the next command. */
  cloneSource(path: Bytes): number {
    return readableFile(this.#source, path);
  }

  close(): void {
    this.inodes.leave();
    this.#source.leave();
    this.#tree.close();
  }

  #remove(path: Bytes, flags: number): void {
    this.settle();
    this.#moved(path);
    const errno = this.#retry(path, path, () => {
      this.#tree.locate(path, this.#place);
      return libc().unlinkat(this.#place.dir, this.#place.name, flags);
    });
    if (errno === 0 || (errno === ERRNO.ENOENT && this.#wasDone(() => true))) return;
    throwErrno(errno, 'remove', path);
  }

  /** Straight at the place it is renamed to; should that name be taken, as the stream has it. */
  #createAt(to: Bytes): void {
    const held = this.#held.take();
    if (held === undefined) return;
    const errno = this.#tryCreate(to, held.creation);
    if (errno === 0) return this.#created(to, held.creation);
    if (errno !== ERRNO.EEXIST) throwFor(errno, 'create', to);
    // Nothing can be renamed over a directory that holds something: it is this one.
    if (held.creation.kind === 'directory' && this.isRepeating && this.#isFilled(to)) return;
    const from = Buffer.from(held.path);
    this.#create(from, held.creation);
    this.rename(from, to);
  }

  /** Whether it was there, made by a run that was killed. */
  #create(path: Bytes, creation: Creation): boolean {
    const errno = this.#tryCreate(path, creation);
    const isThere = errno === ERRNO.EEXIST && this.#wasDone(() => this.#adopt(path, creation));
    if (errno !== 0 && !isThere) throwFor(errno, 'create', path);
    this.#created(path, creation);
    return isThere;
  }

  #tryCreate(path: Bytes, creation: Creation): number {
    this.inodes.leave();
    return this.#retry(path, path, () => {
      this.#tree.locate(path, this.#place);
      return this.#make(path, creation);
    });
  }

  #created(path: Bytes, creation: Creation): void {
    const { flags } = this.inodes;
    if (flags.isRestored) {
      const { dir, name } = this.#place;
      flags.born(statAt(dir, name, AT_SYMLINK_NOFOLLOW).inode);
    }
    if (creation.kind !== 'symlink' && this.inodes.mayInherit) this.inodes.disinherit(path);
  }

  #make(path: Bytes, creation: Creation): number {
    const { dir, name } = this.#place;
    switch (creation.kind) {
      case 'file': {
        const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        const fd = libc().openat(dir, name, flags, FILE_MODE);
        if (fd >= 0) this.inodes.made(path, fd);
        return fd;
      }
      case 'directory': {
        const result = libc().mkdirat(dir, name, DIRECTORY_MODE);
        if (result >= 0) this.inodes.madeDirectory(path);
        return result;
      }
      case 'node':
        return libc().mknodat(dir, name, creation.mode, creation.rdev);
      case 'symlink':
        return libc().symlinkat(terminated(creation.target), dir, name);
    }
  }

  /** What a killed run made last: a file is emptied, all else is as the creation leaves it. */
  #adopt(path: Bytes, creation: Creation): boolean {
    if (creation.kind !== 'file') return true;
    const { dir, name } = this.#place;
    const fd = libc().openat(dir, name, O_RDWR | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd < 0) return false;
    this.inodes.made(path, fd);
    return true;
  }

  #exists(path: Bytes): boolean {
    this.#tree.locate(path, this.#other);
    const { dir, name } = this.#other;
    return libc().readlinkat(dir, name, probe, probe.length) >= 0 || lastErrno() !== ERRNO.ENOENT;
  }

  #isFilled(path: Bytes): boolean {
    try {
      return readdirSync(`/proc/self/fd/${this.#tree.directory(path)}`).length > 0;
    } catch (error) {
      if (isErrno(error, ERRNO.ENOTDIR, ERRNO.ELOOP)) return false;
      throw error;
    }
  }

  #isFolder(path: Bytes): boolean {
    this.#tree.locate(path, this.#other);
    const { dir, name } = this.#other;
    return (statAt(dir, name, AT_SYMLINK_NOFOLLOW).mode & S_IFMT) === S_IFDIR;
  }

  #isSame(): boolean {
    const first = statAt(this.#place.dir, this.#place.name, AT_SYMLINK_NOFOLLOW);
    const second = statAt(this.#other.dir, this.#other.name, AT_SYMLINK_NOFOLLOW);
    return first.identity === second.identity;
  }

  #moved(path: Bytes): void {
    this.inodes.leave();
    this.#source.leave();
    this.#tree.forget(path);
  }

  /** Runs it, and once more when immutable or append-only inodes of the parent stood in the way. */
  #retry(first: Bytes, second: Bytes, run: () => number): number {
    if (run() >= 0) {
      this.#isRepeating = false;
      return 0;
    }
    const errno = lastErrno();
    if (errno !== ERRNO.EPERM || !this.inodes.thawAround(first, second)) return errno;
    return run() >= 0 ? 0 : lastErrno();
  }

  #wasDone(isDone: () => boolean): boolean {
    const { isRepeating } = this;
    this.#isRepeating = false;
    return isRepeating && isDone();
  }
}

const probe = Buffer.alloc(1);

/** As `throwErrno`, of a name that was to be made. */
function throwFor(errno: number, what: string, path: Bytes): never {
  if (errno !== ERRNO.EOVERFLOW) throwErrno(errno, what, path);
  const at = pathText(path);
  throw conflict(
    'names-collide',
    say`There is no room for "${{ path: at }}": btrfs keeps names of the same checksum together, and its folder has too many of them.`,
    {
      hint: 'Rename some of them at the source, or receive it with --plain onto another filesystem.',
      place: { path: at },
    },
  );
}

/** The descriptor of a regular file that is cloned from. */
export function readableFile(inode: OpenInode, path: Bytes): number {
  const fd = inode.at(path).readable();
  if (inode.kind !== 'file') throw notAFile(path);
  return fd;
}

function terminated(target: Bytes): Buffer {
  const out = Buffer.alloc(target.length + 1);
  out.set(target);
  return out;
}
