import { AT_SYMLINK_NOFOLLOW, cString, S_IFDIR, S_IFMT, statAt } from '../../linux/files.ts';
import type { FileStatus } from '../../linux/files.ts';
import { libc } from '../../linux/libc.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import { isRegular, type Inode } from '../tree/index.ts';

/** A file goes on at a whole piece: what is behind it may have been cut off in the middle. */
const PIECE_BYTES = 1024 * 1024;

/**
 * What a run that was killed left in its staging folder. Its times are the last thing that a
 * file gets, so one with the right ones is whole; one without is gone on with where it ends.
 */
export class EarlierRun {
  readonly #root: number;
  /** Of what this run has made: never taken for a leftover. */
  readonly #made = new Set<number>();

  /** @param root the directory that all paths are below. */
  constructor(root: number) {
    this.#root = root;
  }

  /** Bytes of a file that need not be written again. What is of no use is removed. */
  doneOf(inode: Inode, to: Uint8Array): number | 'all' {
    const found = this.#look(to);
    if (found === undefined || this.#made.has(found.inode)) return 0;
    if (isWhole(found, inode)) {
      this.#made.add(found.inode);
      return 'all';
    }
    const isSameType = (found.mode & S_IFMT) === (inode.mode & S_IFMT);
    if (isSameType && isRegular(inode.mode) && found.links === 1) {
      const done = Math.floor(Math.min(found.size, inode.size) / PIECE_BYTES) * PIECE_BYTES;
      if (done > 0) return done;
    }
    libc().unlinkat(this.#root, cString(to), 0);
    return 0;
  }

  hasDirectory(to: Uint8Array): boolean {
    const found = this.#look(to);
    return found !== undefined && (found.mode & S_IFMT) === S_IFDIR;
  }

  isSame(first: Uint8Array, second: Uint8Array): boolean {
    return this.#look(first)?.inode === this.#look(second)?.inode;
  }

  made(to: Uint8Array): void {
    const found = this.#look(to);
    if (found !== undefined) this.#made.add(found.inode);
  }

  #look(path: Uint8Array): FileStatus | undefined {
    try {
      return statAt(this.#root, cString(path), AT_SYMLINK_NOFOLLOW);
    } catch (error) {
      if (isErrno(error, ERRNO.ENOENT, ERRNO.ENOTDIR)) return undefined;
      throw error;
    }
  }
}

function isWhole(found: FileStatus, inode: Inode): boolean {
  const { modified } = found;
  return (
    (found.mode & S_IFMT) === (inode.mode & S_IFMT) &&
    (!isRegular(inode.mode) || found.size === inode.size) &&
    BigInt(modified.seconds) === inode.mtime.seconds &&
    modified.nanoseconds === inode.mtime.nanoseconds
  );
}
