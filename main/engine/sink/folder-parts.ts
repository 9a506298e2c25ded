import { tryCloneRange } from '../../linux/btrfs-ioctl-file.ts';
import {
  AT_FDCWD,
  AT_REMOVEDIR,
  closeFd,
  cString,
  O_CREAT,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  openPath,
  statFd,
  writeAllAt,
} from '../../linux/files.ts';
import { checked, ERRNO, isErrno } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { copyRange, zeroRange } from './clone-range.ts';
import { dataRanges } from './data-ranges.ts';
import type { LargeFile } from './memo.ts';
import { makePrivate, namesIn, openFolder } from './private-folder.ts';

/** `NAME.dendro.parts` beside the folder `NAME`. */
export const PARTS_SUFFIX = '.dendro.parts';
const LARGEST_PART = 1 << 30;
const SMALLEST_PART = 1 << 20;
/** Parts that are looked for one by one; of more than these the folder is read. */
const FEW_PARTS = 16;
const NAME = /^(\d+)\.(\d+)$/;

/** How a part is opened: a drive may be read-only, and a part that is not there is zeros. */
const ACCESS = { read: O_RDONLY, change: O_RDWR, make: O_RDWR | O_CREAT } as const;
type Access = keyof typeof ACCESS;

/** A range of a large file that lies in one place: at its own (undefined) or in a part. */
export interface Piece {
  readonly part: number | undefined;
  /** Where in that place. */
  readonly at: number;
  /** Where in the file. */
  readonly offset: number;
  readonly length: number;
}

/** The ends of files that are larger than a file can be here, in files `ID.PART` of one folder. */
export class FolderParts {
  readonly #dir: number;
  readonly #name: Buffer;

  /**
   * The folder is made when there is something to keep in it.
   * @param dir open, for as long as the parts are used
   */
  constructor(dir: number, name: Uint8Array) {
    this.#dir = dir;
    this.#name = cString(name);
  }

  /** Those of a received folder, by its path. */
  static beside(folder: Uint8Array): FolderParts {
    return new FolderParts(AT_FDCWD, Buffer.concat([folder, Buffer.from(PARTS_SUFFIX)]));
  }

  /**
   * Splits a file that has `head` bytes at its place and cannot have many more. `usual` is the
   * size of parts that was found to do.
   */
  begin(id: number, head: number, usual: number | undefined): LargeFile {
    makePrivate(this.#dir, this.#name);
    this.#remove((found) => found === id);
    return { id, head, part: usual ?? partSize(head), size: head };
  }

  write({ id }: LargeFile, part: number, at: number, data: Uint8Array, path: Bytes): void {
    this.#with(id, part, 'make', (fd) => writeAllAt(fd, data, at, path));
  }

  /** Zeros, where something else is. */
  zero({ id }: LargeFile, part: number, at: number, length: number, path: Bytes): void {
    this.#with(id, part, 'change', (fd) => {
      const inside = Math.min(length, statFd(fd).size - at);
      if (inside > 0) zeroRange(fd, at, inside, path);
    });
  }

  /** Takes away what lies behind `size`. */
  cut({ id, head, part }: LargeFile, size: number): void {
    const kept = Math.max(0, size - head);
    this.#remove((found, number) => found === id && number * part >= kept);
    const last = Math.floor(kept / part);
    this.#with(id, last, 'change', (fd) => {
      const rest = kept - last * part;
      if (statFd(fd).size > rest) checked(libc().ftruncate(fd, rest), 'cut', this.#name);
    });
  }

  /** As `piecesOf`, without those that lie in no part: a file of a pebibyte may be nearly all hole. */
  *heldPieces(large: LargeFile, offset: number, length: number): Generator<Piece> {
    const { id, head, part } = large;
    const end = offset + length;
    if (offset < head) yield* piecesOf(large, offset, Math.min(head, end) - offset);
    const from = Math.max(offset, head);
    if (from >= end) return;
    if (end - from <= FEW_PARTS * part) return yield* piecesOf(large, from, end - from);
    for (const number of this.#numbersOf(id)) {
      const start = Math.max(from, head + number * part);
      const to = Math.min(end, head + (number + 1) * part);
      if (start < to) yield* piecesOf(large, start, to - start);
    }
  }

  /** What is data of a range in a part, as ranges of the part. */
  *dataIn({ id }: LargeFile, part: number, at: number, length: number): Generator<Piece> {
    const fd = this.#open(id, part, 'read');
    if (fd < 0) return;
    try {
      for (const range of dataRanges(fd, at, Math.min(at + length, statFd(fd).size))) {
        yield { ...range, part, offset: range.at };
      }
    } finally {
      closeFd(fd);
    }
  }

  read({ id }: LargeFile, part: number, at: number, target: Buffer, length: number): number {
    let count = 0;
    this.#with(id, part, 'read', (fd) => {
      count = checked(libc().pread(fd, target, length, at), 'read', this.#name);
    });
    return count;
  }

  /** Takes over all parts of another folder: shared where the filesystem can. */
  takeAll(from: FolderParts): void {
    for (const { id, part } of from.#all()) {
      makePrivate(this.#dir, this.#name);
      from.#with(id, part, 'read', (source) => {
        this.#with(id, part, 'make', (fd) => copyAll(fd, source, nameOf(id, part)));
      });
    }
  }

  /** Removes the parts of files that are no more. */
  keepOnly(ids: ReadonlySet<number>): void {
    this.#remove((id) => !ids.has(id));
    // Only when nothing is left in it.
    libc().unlinkat(this.#dir, this.#name, AT_REMOVEDIR);
  }

  #with(id: number, part: number, access: Access, use: (fd: number) => void): void {
    const fd = this.#open(id, part, access);
    if (fd < 0) return;
    try {
      use(fd);
    } finally {
      closeFd(fd);
    }
  }

  #open(id: number, part: number, access: Access): number {
    const flags = ACCESS[access] | O_NOFOLLOW | O_NONBLOCK;
    const open = (folder: number): number =>
      openPath(cString(nameOf(id, part)), flags, 0o600, folder);
    return access === 'make' ? this.#within(open) : (unlessMissing(() => this.#within(open)) ?? -1);
  }

  /** Of the parts that there are, in order. */
  #numbersOf(id: number): number[] {
    const own = this.#all().filter((found) => found.id === id);
    return own.map(({ part }) => part).sort((a, b) => a - b);
  }

  #remove(isGone: (id: number, part: number) => boolean): void {
    for (const { id, part } of this.#all()) {
      if (!isGone(id, part)) continue;
      const name = cString(nameOf(id, part));
      this.#within((folder) => checked(libc().unlinkat(folder, name, 0), 'remove', name));
    }
  }

  #all(): { id: number; part: number }[] {
    const found = unlessMissing(() => this.#within(namesIn)) ?? [];
    return found.flatMap((name) => {
      const [, id, part] = NAME.exec(name) ?? [];
      return id === undefined ? [] : [{ id: Number(id), part: Number(part) }];
    });
  }

  #within<T>(use: (folder: number) => T): T {
    const folder = openFolder(this.#dir, this.#name);
    try {
      return use(folder);
    } finally {
      closeFd(folder);
    }
  }
}

function nameOf(id: number, part: number): string {
  return `${id}.${part}`;
}

function unlessMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isErrno(error, ERRNO.ENOENT)) return undefined;
    throw error;
  }
}

/** Where the bytes of a range are, in the order of the file. */
export function* piecesOf(
  { head, part }: LargeFile,
  offset: number,
  length: number,
): Generator<Piece> {
  const end = offset + length;
  for (let from = offset; from < end;) {
    const number = from < head ? undefined : Math.floor((from - head) / part);
    const start = number === undefined ? 0 : head + number * part;
    const to = Math.min(end, number === undefined ? head : start + part);
    yield { part: number, at: from - start, offset: from, length: to - from };
    from = to;
  }
}

/** Not larger than what a file was seen to hold here. */
function partSize(head: number): number {
  if (head < SMALLEST_PART) return LARGEST_PART;
  return Math.min(LARGEST_PART, 2 ** Math.floor(Math.log2(head)));
}

function copyAll(fd: number, source: number, name: string): void {
  const { size } = statFd(source);
  checked(libc().ftruncate(fd, 0), 'empty', name);
  if (size === 0 || tryCloneRange(fd, 0, size, source, 0) >= 0) return;
  copyRange(fd, 0, size, source, 0, Buffer.from(name));
}
