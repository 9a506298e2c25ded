import { cString, S_IFDIR, S_IFMT } from '../../linux/files.ts';
import type { FileStatus } from '../../linux/files.ts';
import { libc } from '../../linux/libc.ts';
import { isRegular, joinPath, type Inode } from '../tree/index.ts';
import { reached, statusOf } from './destination.ts';
import { removeTree } from './remove-tree.ts';

/** A file goes on at a whole piece: what is behind it may have been cut off in the middle. */
const PIECE_BYTES = 1024 * 1024;

/**
 * What a run that was killed left in its staging folder. Its times are the last thing that a
 * file gets, so one with the right ones is whole; one without is gone on with where it ends.
 */
export class EarlierRun {
  readonly #root: number;
  readonly #folder: Uint8Array;
  /** Of what this run has made: never taken for a leftover. */
  readonly #made = new Set<number | bigint>();

  /** @param root the directory that all paths are below, open; `folder`: its absolute path. */
  constructor(root: number, folder: Uint8Array) {
    this.#root = root;
    this.#folder = folder;
  }

  /**
   * Bytes of a file that need not be written again. What is of no use is removed.
   * @param mayGoOn false: a part of it is of no use
   */
  doneOf(inode: Inode, to: Uint8Array, mayGoOn: boolean): number | 'all' {
    const found = statusOf(this.#root, to);
    if (found === undefined || this.#made.has(found.identity)) return 0;
    if (isWhole(found, inode)) {
      this.#made.add(found.identity);
      return 'all';
    }
    const isSameType = (found.mode & S_IFMT) === (inode.mode & S_IFMT);
    if (isSameType && isRegular(inode.mode) && found.links === 1 && mayGoOn) {
      const done = Math.floor(Math.min(found.size, inode.size) / PIECE_BYTES) * PIECE_BYTES;
      if (done > 0) return done;
    }
    if (isFolder(found)) removeTree(joinPath(this.#folder, to));
    else reached(this.#root, to, (dir, name) => libc().unlinkat(dir, cString(name), 0));
    return 0;
  }

  hasDirectory(to: Uint8Array): boolean {
    const found = statusOf(this.#root, to);
    return found !== undefined && isFolder(found);
  }

  isSame(first: Uint8Array, second: Uint8Array): boolean {
    return statusOf(this.#root, first)?.identity === statusOf(this.#root, second)?.identity;
  }

  made(to: Uint8Array): void {
    const found = statusOf(this.#root, to);
    if (found !== undefined) this.#made.add(found.identity);
  }
}

/** A file may be a folder of pieces here, which has the file's times when all of them are there. */
function isWhole(found: FileStatus, inode: Inode): boolean {
  const { modified } = found;
  const isInPieces = isRegular(inode.mode) && isFolder(found);
  return (
    (isInPieces || (found.mode & S_IFMT) === (inode.mode & S_IFMT)) &&
    (isInPieces || !isRegular(inode.mode) || found.size === inode.size) &&
    BigInt(modified.seconds) === inode.mtime.seconds &&
    modified.nanoseconds === inode.mtime.nanoseconds
  );
}

function isFolder({ mode }: FileStatus): boolean {
  return (mode & S_IFMT) === S_IFDIR;
}
