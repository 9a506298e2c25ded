import { DendroError } from '../../../shared/errors.ts';
import { allocateAligned, releaseAligned } from '../device/index.ts';
import type { ChunkReader } from './chunk-reader.ts';

/** Longer reads are worth a request of their own. */
const SMALL_BYTES = 64 * 1024;
const WINDOW_BYTES = 256 * 1024;
/** What may lie between two reads that still count as one behind the other. */
const GAP_BYTES = 64 * 1024;
/** After so many in a row more are to be expected. */
const ROW = 2;

/**
 * What lies behind a row of small reads, in one request: the files of a folder mostly lie one behind
 * the other. Whoever takes bytes from here holds them against their checksums: they may be old.
 */
export class NearbyData {
  readonly #chunks: ChunkReader;
  #memory: Uint8Array | undefined;
  /** The addresses that it holds. */
  #from = 0;
  #to = 0;
  #lastEnd = -Infinity;
  #inRow = 0;

  constructor(chunks: ChunkReader) {
    this.#chunks = chunks;
  }

  close(): void {
    if (this.#memory !== undefined) releaseAligned(this.#memory);
    this.#memory = undefined;
    this.#from = this.#to = 0;
  }

  /** Fills the target, in whole sectors; false: read it by itself. */
  take(logical: number, length: number, target: Uint8Array, at: number): boolean {
    const gap = logical - this.#lastEnd;
    this.#inRow = gap >= 0 && gap <= GAP_BYTES ? this.#inRow + 1 : 0;
    this.#lastEnd = logical + length;
    if (!this.#holds(logical, length) && !this.#read(logical, length)) return false;
    const start = logical - this.#from;
    target.set(this.#memory!.subarray(start, start + length), at);
    return true;
  }

  #holds(logical: number, length: number): boolean {
    return logical >= this.#from && logical + length <= this.#to;
  }

  #read(logical: number, length: number): boolean {
    if (this.#inRow < ROW || length > SMALL_BYTES) return false;
    const window = Math.min(WINDOW_BYTES, this.#chunks.contiguous(logical));
    if (window <= length) return false;
    this.#from = this.#to = 0;
    try {
      this.#memory ??= allocateAligned(WINDOW_BYTES);
      this.#chunks.readWay(logical, window, this.#memory, 0, 0);
    } catch (error) {
      if (error instanceof DendroError && error.kind !== 'Bug') return false; // the plain read says why
      throw error;
    }
    this.#from = logical;
    this.#to = logical + window;
    return true;
  }
}
