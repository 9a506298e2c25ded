import { SPAN, Spans } from '../diff/spans.ts';
import { conflict, DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { COMPRESSION } from '../format/constants.ts';
import { decompress } from '../format/decompress.ts';
import { sameRoot, treeGone, type TreeRoot, type Volume } from '../volume/index.ts';
import type { SectorSums } from './command-sink.ts';
import { DataWindows } from './data-windows.ts';
import type { Piece } from './pieces.ts';
import { ReadAhead } from './read-ahead.ts';

const MAX_EXTENT = 128 * 1024;
const MAX_TRIES = 12;
/** To go elsewhere, to have its old place given away, and to come back: a commit for each. */
const ROUND_TRIP_COMMITS = 3;

/**
 * Verified file data by logical address. What is announced is read ahead; the rest through one
 * window of aligned memory. When a live volume moves data meanwhile (a balance), the place is
 * looked up again by file and offset.
 */
export class DataSource {
  /** For small files: what the next leaves of the walk point to. */
  readonly ahead: ReadAhead;
  /** For one file: its next pieces. */
  readonly #within: ReadAhead;
  readonly #volume: Volume;
  readonly #root: TreeRoot;
  /** The addresses that are asked for are of this one. */
  #epoch: number;
  readonly #windows: DataWindows;
  readonly #decoded = new Uint8Array(MAX_EXTENT);
  #inode = 0;
  #hasChecksums = true;
  #sums: SectorSums | undefined;
  /** The compressed extent that `#decoded` holds. */
  #decodedAt = -1;
  /** Of files without checksums: nothing proves that they are right. */
  unverifiedBytes = 0;

  constructor(volume: Volume, root: TreeRoot) {
    this.#volume = volume;
    this.#root = root;
    this.#epoch = volume.epoch;
    this.#windows = new DataWindows(volume);
    this.ahead = new ReadAhead(volume);
    this.#within = new ReadAhead(volume);
  }

  close(): void {
    this.#windows.close();
    this.ahead.close();
    this.#within.close();
  }

  /** The file that is read from now on. */
  begin(inode: number, hasChecksums: boolean): void {
    this.#inode = inode;
    if (hasChecksums !== this.#hasChecksums) this.#windows.forget();
    this.#hasChecksums = hasChecksums;
  }

  /** Pieces of the file that are going to be asked for, in this order. */
  announce(pieces: readonly Piece[]): void {
    this.#within.beginGroup();
    for (const { readFrom, readLength } of pieces) {
      this.#within.announce(readFrom, readLength, this.#hasChecksums);
    }
    this.#within.begin();
  }

  /**
   * Bytes of the piece's extent as they are on disk, borrowed until the next call: `length` from
   * `from` in it; `wanted` bytes from there are going to be asked for. At most 128 KiB at a time.
   */
  stored(piece: Piece, from: number, length: number, wanted: number): Uint8Array {
    const logical = piece.diskLogical + from;
    const volume = this.#volume;
    this.#sums = undefined;
    if (!this.#hasChecksums) this.unverifiedBytes += length;
    try {
      if (this.#isSettled()) {
        const view = this.#announced(piece, logical, length);
        // Held against the checksums of a later epoch, it may be what has taken its place.
        if (view !== undefined && this.#isSettled()) return view;
        const { epoch } = volume;
        const stored = this.#windows.view(logical, length, wanted, this.#hasChecksums);
        this.#sums = this.#windows.sums(logical, length);
        const isProven = this.#hasChecksums || volume.epoch === epoch;
        if (isProven && this.#isSettled()) return stored;
        this.#windows.forget();
      }
    } catch (error) {
      this.#windows.forget();
      if (!volume.recover(error, volume.epoch, 0)) throw this.#placed(error, piece);
    }
    this.#sums = undefined;
    return this.#relocated(piece, from, length);
  }

  #announced(piece: Piece, logical: number, length: number): Uint8Array | undefined {
    const { readFrom, diskLogical, offset, compression } = piece;
    const extent = compression === COMPRESSION.none ? diskLogical + offset : diskLogical;
    return (
      this.#within.view(readFrom, logical - readFrom, length, this.#hasChecksums) ??
      this.ahead.view(extent, logical - extent, length, this.#hasChecksums)
    );
  }

  /**
   * Whether every address of the tree still stands for what it did. Where a later epoch has the very
   * block as its root, no block below it and no extent has moved, nor been anybody else's meanwhile:
   * whatever moves, its tree gets a new root. (A tree that is deleted keeps its root while it goes;
   * the sender looks whether there is still such a snapshot at its end.)
   */
  #isSettled(): boolean {
    const { epoch } = this.#volume;
    if (epoch === this.#epoch) return true;
    const root = this.#volume.root(this.#root.id);
    if (root === undefined || !sameRoot(root, this.#root)) return false;
    this.#epoch = this.#volume.epoch;
    return true;
  }

  /** The checksums of what `stored` has just given, where they are known. */
  get sums(): SectorSums | undefined {
    return this.#sums;
  }

  /** A compressed extent's whole content, borrowed until the next call. */
  decoded(piece: Piece): Uint8Array {
    const { diskLogical, diskLength, ramBytes, compression } = piece;
    const target = this.#decoded.subarray(0, ramBytes);
    // Of another epoch, the address may stand for another extent.
    if (this.#decodedAt === diskLogical && this.#isSettled()) return target;
    this.#decodedAt = -1;
    const source = this.stored(piece, 0, diskLength, diskLength);
    try {
      decompress(compression, source, target, this.#volume.sectorSize);
    } catch (error) {
      throw this.#placed(error, piece);
    }
    this.#decodedAt = diskLogical;
    return target;
  }

  /** Inline data, decoded; borrowed until the next call. */
  decodedInline(source: Uint8Array, ramBytes: number, compression: number): Uint8Array {
    const target = this.#decoded.subarray(0, ramBytes);
    this.#decodedAt = -1;
    try {
      decompress(compression, source, target, this.#volume.sectorSize);
    } catch (error) {
      throw this.#placed(error);
    }
    return target;
  }

  /**
   * From where the newest generation of the tree has the extent; the window is not kept. Data without
   * checksums is read as under a sequence lock: it was there throughout when nothing was committed
   * since, or when the tree of so few commits later has it in the same place.
   */
  #relocated(piece: Piece, from: number, length: number): Uint8Array {
    const volume = this.#volume;
    for (let tries = 1; ; tries++) {
      const { epoch } = volume;
      try {
        const { generation } = volume;
        const logical = this.#locate(piece) + from;
        const stored = this.#windows.viewOnce(logical, length, this.#hasChecksums);
        if (this.#hasChecksums || volume.isCurrent() || !volume.refresh()) return stored;
        const commits = volume.generation - generation;
        if (commits < ROUND_TRIP_COMMITS && this.#locate(piece) + from === logical) return stored;
        if (tries > MAX_TRIES) throw movedAway(this.#inode, piece.itemStart);
      } catch (error) {
        if (!volume.recover(error, epoch, tries)) throw this.#placed(error, piece);
      }
    }
  }

  #locate(piece: Piece): number {
    const { id } = this.#root;
    const root = this.#volume.root(id);
    if (root === undefined) throw treeGone(id);
    const now = new Spans(this.#volume, root);
    now.seek(this.#inode, piece.itemStart);
    now.step(piece.itemStart + 1);
    const isSame = now.kind === SPAN.data && now.itemStart === piece.itemStart;
    if (!isSame) throw movedAway(this.#inode, piece.itemStart);
    return now.diskLogical;
  }

  /** With the file and the place in it; without a piece, it is inline data. */
  #placed(error: unknown, piece?: Piece): unknown {
    if (!(error instanceof DendroError) || error.kind === 'Cancelled') return error;
    const { kind, code, message, hint, values } = error;
    const offset = piece === undefined ? 0 : offsetOf(error, piece);
    const place = { ...error.place, inode: this.#inode, offset };
    return new DendroError(kind, code, message, { hint, place, values, cause: error });
  }
}

/** In the file: of the bad sector where its address says which one it is, else of the piece. */
function offsetOf({ place: { logical } }: DendroError, piece: Piece): number {
  const { start, compression, readFrom, readLength } = piece;
  if (compression !== COMPRESSION.none || logical === undefined) return start;
  const isWithin = logical >= readFrom && logical < readFrom + readLength;
  return isWithin ? start + logical - readFrom : start;
}

function movedAway(inode: number, offset: number): Error {
  return conflict(
    'data-moved',
    say`The data of inode ${{ inode }} moves faster than it can be read.`,
    {
      hint: 'Try again when the balance is done, or pause it (btrfs balance pause).',
      place: { inode, offset },
    },
  );
}
