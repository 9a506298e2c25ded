import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tryCloneRange } from '../../linux/btrfs-ioctl-file.ts';
import {
  closeFd,
  cString,
  O_CLOEXEC,
  O_CREAT,
  O_NOFOLLOW,
  O_RDONLY,
  O_RDWR,
  openPath,
  statFd,
  writeAllAt,
} from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { copyRange, zeroRange } from './clone-range.ts';
import { dataRanges } from './data-ranges.ts';
import type { LargeFile } from './folder-memory.ts';

/** `NAME.dendro.parts` beside the folder `NAME`. */
export const PARTS_SUFFIX = '.dendro.parts';
const LARGEST_PART = 1 << 30;
const SMALLEST_PART = 1 << 20;
/** Parts that are looked for one by one; of more than these the folder is read. */
const FEW_PARTS = 16;
const NAME = /^(\d+)\.(\d+)$/;

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
  readonly #folder: string;

  /** The folder is made when there is something to keep in it. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Splits a file that has `head` bytes at its place and cannot have many more. `usual` is the
   * size of parts that was found to do.
   */
  begin(id: number, head: number, usual: number | undefined): LargeFile {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#remove((found) => found === id);
    return { id, head, part: usual ?? partSize(head), size: head };
  }

  write({ id }: LargeFile, part: number, at: number, data: Uint8Array, path: Bytes): void {
    this.#with(id, part, true, (fd) => writeAllAt(fd, data, at, path));
  }

  /** Zeros, where something else is. */
  zero({ id }: LargeFile, part: number, at: number, length: number, path: Bytes): void {
    this.#with(id, part, false, (fd) => {
      const inside = Math.min(length, statFd(fd).size - at);
      if (inside > 0) zeroRange(fd, at, inside, path);
    });
  }

  /** Takes away what lies behind `size`. */
  cut({ id, head, part }: LargeFile, size: number): void {
    const kept = Math.max(0, size - head);
    this.#remove((found, number) => found === id && number * part >= kept);
    const last = Math.floor(kept / part);
    this.#with(id, last, false, (fd) => {
      const rest = kept - last * part;
      if (statFd(fd).size > rest) checked(libc().ftruncate(fd, rest), 'cut', this.#folder);
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
    const fd = this.#open(id, part, false);
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
    this.#with(id, part, false, (fd) => {
      count = checked(libc().pread(fd, target, length, at), 'read', this.#folder);
    });
    return count;
  }

  /** Takes over all parts of another folder: shared where the filesystem can. */
  takeAll(from: string): void {
    for (const name of namesIn(from)) {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const source = openPath(cString(`${from}/${name}`), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
      const [id, part] = NAME.exec(name)!.slice(1).map(Number);
      try {
        this.#with(id!, part!, true, (fd) => copyAll(fd, source, name));
      } finally {
        closeFd(source);
      }
    }
  }

  /** Removes the parts of files that are no more. */
  keepOnly(ids: ReadonlySet<number>): void {
    this.#remove((id) => !ids.has(id));
    if (existsSync(this.#folder) && namesIn(this.#folder).length === 0) {
      rmSync(this.#folder, { recursive: true });
    }
  }

  #with(id: number, part: number, make: boolean, use: (fd: number) => void): void {
    const fd = this.#open(id, part, make);
    if (fd < 0) return;
    try {
      use(fd);
    } finally {
      closeFd(fd);
    }
  }

  #open(id: number, part: number, make: boolean): number {
    const path = `${this.#folder}/${id}.${part}`;
    if (make) return openPath(cString(path), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600);
    if (!existsSync(path)) return -1;
    return openPath(cString(path), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  }

  /** Of the parts that there are, in order. */
  #numbersOf(id: number): number[] {
    const found = namesIn(this.#folder).map((name) => NAME.exec(name)!.slice(1).map(Number));
    const own = found.filter(([of]) => of === id).map(([, part]) => part!);
    return own.sort((a, b) => a - b);
  }

  #remove(isGone: (id: number, part: number) => boolean): void {
    for (const name of namesIn(this.#folder)) {
      const [id, part] = NAME.exec(name)!.slice(1).map(Number);
      if (isGone(id!, part!)) rmSync(`${this.#folder}/${name}`);
    }
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

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => NAME.test(name)) : [];
}
