import { filesystemOf, statFd } from '../../linux/files.ts';
import { checked, ERRNO, isErrno, throwErrno } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { corrupt } from '../../../shared/errors.ts';
import type { Bytes, EncodedWrite } from '../stream/command-sink.ts';
import { FALLOCATE } from '../stream/protocol.ts';
import { dataRanges, type Range } from './data-ranges.ts';
import { decodeExtent } from './encoded-data.ts';
import type { LargeFile, Memo } from './memo.ts';
import { betweenHoles, LEAST_HOLE, withHole, withoutRange } from './known-holes.ts';
import { piecesOf, type FolderParts, type Piece } from './folder-parts.ts';
import type { FolderWriter } from './folder-writer.ts';

const COPY_BYTES = 1 << 20;
const SECTOR_BYTES = 512;
/** Enough to see whether a hole takes room. */
const PROBE_BYTES = 1 << 20;
/** Where a filesystem has no holes a part is filled with zeros up to what is written in it. */
const HOLLOW_PART = 16 << 20;

/** A file that is cloned from: open, and where its end lies when it is too large to be in one. */
export interface ContentSource {
  readonly fd: number;
  /** Of this same tree: its path on disk. */
  readonly own?: Buffer | undefined;
  readonly large?: LargeFile | undefined;
  readonly parts?: FolderParts | undefined;
  /** Known to be nothing, in what lies at its own place. */
  readonly holes?: readonly Range[] | undefined;
}

export interface ContentHooks {
  /** Space that was set aside is not kept. */
  readonly onUnreserved: (path: Bytes) => void;
  /** To be called before what was cloned from is changed: the clone cannot be made again then. */
  readonly onUnsafe: () => void;
  /** Not even parts of it can be kept here. */
  readonly onTooLarge: (path: Bytes) => void;
}

/**
 * The commands that change what is in files. A file that outgrows what the filesystem can hold
 * is split: the rest of it goes into parts beside the tree. So is one with a hole larger than all
 * that is free, where there are no holes.
 */
export class FolderContent {
  readonly #writer: FolderWriter;
  readonly #parts: FolderParts;
  readonly #hooks: ContentHooks;
  readonly #scratch = Buffer.allocUnsafeSlow(COPY_BYTES);
  #nextId = 1;
  #partBytes: number | undefined;
  /** Inode numbers and paths that were cloned from since the last mark. */
  readonly #lent = new Set<number | bigint | string>();
  /** The file that was written last, up to where: what goes on there leaves no hole. */
  #last: { readonly path: Buffer; readonly end: number } | undefined;

  constructor(writer: FolderWriter, parts: FolderParts, hooks: ContentHooks) {
    this.#writer = writer;
    this.#parts = parts;
    this.#hooks = hooks;
    if (!writer.memory.has.large) return;
    for (const { entry } of writer.memory.walk()) {
      const large = entry.memo?.large;
      if (large === undefined) continue;
      this.#nextId = Math.max(this.#nextId, large.id + 1);
      this.#partBytes = Math.min(this.#partBytes ?? Infinity, large.part);
    }
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    this.#change(path, offset, {
      reach: offset,
      filled: [offset, offset + data.length],
      small: (real) => this.#writer.tree.inodes.write(real, offset, data),
      large: (real, large) => this.#writeLarge(path, real, large, offset, data),
    });
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    this.#change(path, write.offset, {
      reach: write.offset,
      filled: [write.offset, write.offset + write.unencodedFileLength],
      small: (real) => this.#writer.tree.inodes.encodedWrite(real, write),
      large: (real, large) =>
        this.#writeLarge(path, real, large, write.offset, decodeExtent(write)),
    });
  }

  clone(
    path: Bytes,
    offset: number,
    length: number,
    source: ContentSource,
    sourceOffset: number,
  ): void {
    const { large: from, own } = source;
    const copy = (real: Buffer, large: LargeFile): void =>
      this.#copy(path, real, large, offset, length, source, sourceOffset);
    this.#change(path, offset, {
      reach: offset,
      filled: [offset, offset + length],
      small: (real) => {
        const isInOnePlace = from === undefined || sourceOffset + length <= from.head;
        const { inodes } = this.#writer.tree;
        if (isInOnePlace) inodes.clone(real, offset, length, source.fd, sourceOffset);
        else copy(real, { id: 0, head: Infinity, part: 1, size: 0 });
      },
      large: copy,
    });
    if (own !== undefined) this.#lent.add(own.toString('latin1')).add(statFd(source.fd).identity);
  }

  /** All so far is on the drive. */
  marked(): void {
    this.#lent.clear();
  }

  truncate(path: Bytes, size: number): void {
    this.#change(path, size, {
      reach: size,
      filled: [size, Infinity],
      small: (real) => this.#writer.tree.inodes.truncate(real, size),
      large: (real, large, memo) => {
        this.#parts.cut(large, size);
        large.size = size;
        if (size >= large.head) return;
        this.#writer.tree.inodes.truncate(real, size);
        delete memo.large;
      },
    });
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    const isHole = (mode & FALLOCATE.punchHole) !== 0;
    const end = (mode & FALLOCATE.keepSize) === 0 && !isHole ? offset + length : 0;
    this.#change(path, Infinity, {
      reach: end,
      small: (real) => this.#allocate(path, real, mode, offset, length),
      large: (real, large) => {
        if (isHole) this.#zero(path, real, large, offset, length);
        else this.#hooks.onUnreserved(path);
        large.size = Math.max(large.size, end);
      },
    });
  }

  #allocate(path: Bytes, real: Buffer, mode: number, offset: number, length: number): void {
    const { inodes } = this.#writer.tree;
    if ((mode & FALLOCATE.punchHole) !== 0) return inodes.punch(real, offset, length);
    try {
      inodes.fallocate(real, mode, offset, length);
    } catch (error) {
      if (!isErrno(error, ERRNO.EOPNOTSUPP, ERRNO.ENOSYS)) throw error;
      if ((mode & FALLOCATE.keepSize) === 0) inodes.extend(real, offset + length);
      this.#hooks.onUnreserved(path);
    }
  }

  /**
   * `from`: all from there to the end of the file is changed, should it become too large. Up to
   * `reach` it is made longer, where it is shorter, without data; no hole is left in `filled`.
   */
  #change(
    path: Bytes,
    from: number,
    how: {
      readonly reach: number;
      readonly filled?: readonly [from: number, to: number];
      small(real: Buffer): void;
      large(real: Buffer, large: LargeFile, memo: Memo): void;
    },
  ): void {
    const real = this.#writer.changing(path);
    const known = this.#writer.memory.find(path)?.memo;
    if (this.#lent.size > 0 && this.#isLent(real, known)) this.#hooks.onUnsafe();
    const [filledFrom, filledTo] = how.filled ?? [0, 0];
    try {
      if (known?.large !== undefined) {
        if (known.holes !== undefined) this.#fill(known, filledFrom, filledTo);
        return how.large(real, known.large, known);
      }
      const hole = this.#holeUpTo(path, real, how.reach);
      if (hole !== undefined && this.#isTooLong(real, hole)) {
        throwErrno(ERRNO.ENOSPC, 'make longer', path);
      }
      how.small(real);
      if (known?.holes !== undefined) this.#fill(known, filledFrom, filledTo);
      if (hole !== undefined) this.#keepHole(path, hole);
      const isFar = filledTo > LEAST_HOLE && filledTo < Infinity;
      this.#last = isFar ? { path: Buffer.from(path), end: filledTo } : undefined;
    } catch (error) {
      const isHollow = known?.large === undefined && this.#isHollow(error, real, how.reach);
      if (!isHollow && !isErrno(error, ERRNO.EFBIG)) throw error;
      if (known?.large !== undefined) return this.#hooks.onTooLarge(path);
      const memo = this.#writer.memory.memo(path);
      memo.large = isHollow ? this.#splitHollow(real, from) : this.#split(real, from);
      this.#writer.memory.has.large = true;
      if (memo.holes !== undefined) this.#fill(memo, memo.large.head, Infinity);
      this.#change(path, from, how);
    }
  }

  /** What comes to be between the end of the file and `reach`, where it will not be told. */
  #holeUpTo(path: Bytes, real: Buffer, reach: number): Range | undefined {
    if (this.#writer.isPosix || reach < LEAST_HOLE) return undefined;
    if (this.#last?.end === reach && this.#last.path.equals(path)) return undefined;
    const size = this.#writer.tree.inodes.withFile(real, (fd) => statFd(fd).size);
    return reach - size < LEAST_HOLE ? undefined : { at: size, length: reach - size };
  }

  /**
   * Where there are no holes one that is larger than all that is free is not even tried: exfat-fuse
   * counts clusters in 32 bits, and with them dies, or takes the file for longer than it is.
   */
  #isTooLong(real: Buffer, { at, length }: Range): boolean {
    return this.#writer.tree.inodes.withFile(real, (fd) => {
      if (length <= filesystemOf(fd).freeBytes) return false;
      const { blocks } = statFd(fd);
      if (libc().ftruncate(fd, at + PROBE_BYTES) < 0) return true;
      const isFilled = (statFd(fd).blocks - blocks) * SECTOR_BYTES >= PROBE_BYTES;
      checked(libc().ftruncate(fd, at), 'set the size of', real);
      return isFilled;
    });
  }

  #keepHole(path: Bytes, hole: Range): void {
    const memo = this.#writer.memory.memo(path);
    memo.holes = withHole(memo.holes ?? [], hole);
    this.#writer.memory.has.holes = true;
  }

  #fill(memo: Memo, from: number, to: number): void {
    const left = withoutRange(memo.holes ?? [], from, to);
    memo.holes = left.length === 0 ? undefined : left;
  }

  /** The hole alone is larger than all that is free, and would be zeros (exFAT; exfat-fuse: EIO). */
  #isHollow(error: unknown, real: Buffer, reach: number): boolean {
    if (this.#writer.isPosix || !isErrno(error, ERRNO.ENOSPC, ERRNO.EIO)) return false;
    const { inodes } = this.#writer.tree;
    return inodes.withFile(real, (fd) => reach - statFd(fd).size > filesystemOf(fd).freeBytes);
  }

  #isLent(real: Buffer, memo: Memo | undefined): boolean {
    if (memo?.isCopied === true || this.#lent.has(real.toString('latin1'))) return true;
    const inode = this.#writer.tree.inodes.withFile(real, (fd) => statFd(fd).identity);
    return this.#lent.has(inode);
  }

  /** What was written behind `from` is of the command that failed, which is done again. */
  #split(real: Buffer, from: number): LargeFile {
    const large = this.#cutOff(real, from, this.#partBytes);
    this.#partBytes = large.part;
    return large;
  }

  #splitHollow(real: Buffer, from: number): LargeFile {
    return this.#cutOff(real, from, Math.min(this.#partBytes ?? Infinity, HOLLOW_PART));
  }

  #cutOff(real: Buffer, from: number, partBytes: number | undefined): LargeFile {
    const { inodes } = this.#writer.tree;
    const size = inodes.withFile(real, (fd) => statFd(fd).size);
    const large = this.#parts.begin(this.#nextId, Math.min(from, size), partBytes);
    this.#nextId += 1;
    if (large.head < size) inodes.truncate(real, large.head);
    return large;
  }

  #writeLarge(path: Bytes, real: Buffer, large: LargeFile, offset: number, data: Bytes): void {
    for (const piece of piecesOf(large, offset, data.length)) {
      const from = piece.offset - offset;
      const slice = data.subarray(from, from + piece.length);
      if (piece.part === undefined) this.#writer.tree.inodes.write(real, piece.at, slice);
      else this.#parts.write(large, piece.part, piece.at, slice, path);
    }
    large.size = Math.max(large.size, offset + data.length);
  }

  #zero(path: Bytes, real: Buffer, large: LargeFile, offset: number, length: number): void {
    for (const piece of this.#parts.heldPieces(large, offset, length)) {
      const { part, at } = piece;
      if (part === undefined) this.#writer.tree.inodes.punch(real, at, piece.length);
      else this.#parts.zero(large, part, at, piece.length, path);
    }
  }

  #copy(
    path: Bytes,
    real: Buffer,
    large: LargeFile,
    offset: number,
    length: number,
    source: ContentSource,
    sourceOffset: number,
  ): void {
    if (sourceOffset + length > sizeOf(source)) throw pastEnd();
    if (offset + length > large.size && large.head === Infinity) {
      this.#writer.tree.inodes.extend(real, offset + length);
    }
    this.#zero(path, real, large, offset, length);
    for (const { offset: at, length: count, ...place } of dataIn(source, sourceOffset, length)) {
      this.#pump(count, (done, want) => {
        const got = readPlace(source, place, done, this.#scratch, want, path);
        const data = this.#scratch.subarray(0, got);
        this.#writeLarge(path, real, large, offset + (at - sourceOffset) + done, data);
        return got;
      });
    }
    large.size = Math.max(large.size, offset + length);
  }

  #pump(length: number, step: (done: number, want: number) => number): void {
    for (let done = 0; done < length;) {
      const count = step(done, Math.min(COPY_BYTES, length - done));
      if (count === 0) return;
      done += count;
    }
  }
}

/** The ranges of a source that hold data; `offset` is that of the file. */
export function* dataIn(
  { fd, large, parts, holes = [] }: ContentSource,
  offset: number,
  length: number,
): Generator<Piece> {
  if (large === undefined) return yield* ownDataOf(fd, offset, length, holes);
  const pieces = parts?.heldPieces(large, offset, length) ?? piecesOf(large, offset, length);
  for (const piece of pieces) {
    const start = piece.offset - piece.at;
    const found =
      piece.part === undefined
        ? ownDataOf(fd, piece.at, piece.length, holes)
        : (parts?.dataIn(large, piece.part, piece.at, piece.length) ?? []);
    for (const range of found) yield { ...range, offset: start + range.at };
  }
}

/** What lies in the file at its own place. */
function* ownDataOf(
  fd: number,
  at: number,
  length: number,
  holes: readonly Range[],
): Generator<Piece> {
  for (const between of betweenHoles(holes, at, at + length)) {
    for (const range of dataRanges(fd, between.at, between.at + between.length)) {
      yield { ...range, part: undefined, offset: range.at };
    }
  }
}

/** Reads from the place of a piece, `done` bytes into it. */
export function readPlace(
  { fd, large, parts }: ContentSource,
  { part, at }: Pick<Piece, 'part' | 'at'>,
  done: number,
  target: Buffer,
  length: number,
  path: Bytes,
): number {
  if (part === undefined || large === undefined || parts === undefined) {
    return checked(libc().pread(fd, target, length, at + done), 'read', path);
  }
  return parts.read(large, part, at + done, target, length);
}

function sizeOf({ fd, large }: ContentSource): number {
  return large?.size ?? statFd(fd).size;
}

function pastEnd() {
  return corrupt('clone-past-end', 'The stream clones from past the end of a file.', {
    hint: 'The snapshot that it builds on is not the same; send a full stream.',
  });
}
