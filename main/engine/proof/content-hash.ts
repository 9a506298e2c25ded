import { createHash, type Hash } from 'node:crypto';
import type { Stretch } from './same-bytes.ts';
import { isZeros } from './zeros.ts';

/** Of these, counted from a file's start, those that are all zeros are passed over. */
export const CHUNK_BYTES = 64 << 20;

const ZEROS = Buffer.alloc(1 << 20);

/** The hash of a file's content, which comes in order; what lies between is zeros. */
export function hashOfContent(stretches: Iterable<Stretch>, size: number, isWhole = false): Buffer {
  const hash = new ContentHash(isWhole);
  for (const { offset, data } of stretches) {
    hash.zeros(offset - hash.at);
    hash.data(data);
  }
  hash.zeros(size - hash.at);
  return hash.digest();
}

/**
 * The hash of a file's content: SHA-256 of its bytes, but for whole chunks of zeros. Those are left
 * out; what is hashed at the end instead is the SHA-256 of their places, each run of them as
 * `START+COUNT `, in chunks.
 * So it is SHA-256 where there are none, and a file of many terabytes that is nearly all hole is
 * hashed at once. It follows from the bytes alone, not from which of the zeros are stored.
 */
export class ContentHash {
  readonly #hash: Hash = createHash('sha256');
  readonly #isWhole: boolean;
  #places: Hash | undefined;
  /** The chunks that were passed over last. */
  #run = { start: 0, count: 0 };
  /** Zeros at the end of what came, back to the start of their chunk, that are not hashed yet. */
  #pending = 0;
  /** How much has come. */
  at = 0;

  /** @param isWhole all zeros are hashed, as in records of the first format */
  constructor(isWhole = false) {
    this.#isWhole = isWhole;
  }

  data(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      const left = CHUNK_BYTES - (this.at % CHUNK_BYTES);
      const piece = bytes.subarray(from, from + left);
      from += piece.length;
      if (this.#isZeroSoFar && isZeros(piece, piece.length)) {
        this.zeros(piece.length);
        continue;
      }
      this.#hashPending();
      this.#hash.update(piece);
      this.at += piece.length;
    }
  }

  zeros(count: number): void {
    if (!this.#isZeroSoFar) {
      const here = this.#isWhole ? count : Math.min(count, CHUNK_BYTES - (this.at % CHUNK_BYTES));
      this.#hashZeros(here);
      this.at += here;
      count -= here;
      if (count === 0) return;
    }
    const zeros = this.#pending + count;
    const chunks = Math.floor(zeros / CHUNK_BYTES);
    if (chunks > 0) this.#passOver((this.at - this.#pending) / CHUNK_BYTES, chunks);
    this.#pending = zeros - chunks * CHUNK_BYTES;
    this.at += count;
  }

  digest(): Buffer {
    this.#hashPending();
    this.#endRun();
    if (this.#places !== undefined) this.#hash.update(this.#places.digest());
    return this.#hash.digest();
  }

  hex(): string {
    return this.digest().toString('hex');
  }

  get #isZeroSoFar(): boolean {
    return !this.#isWhole && this.#pending === this.at % CHUNK_BYTES;
  }

  #passOver(start: number, count: number): void {
    if (this.#run.start + this.#run.count !== start) {
      this.#endRun();
      this.#run.start = start;
    }
    this.#run.count += count;
  }

  #endRun(): void {
    const { start, count } = this.#run;
    if (count === 0) return;
    this.#places ??= createHash('sha256');
    this.#places.update(`${start}+${count} `);
    this.#run = { start: 0, count: 0 };
  }

  #hashPending(): void {
    this.#hashZeros(this.#pending);
    this.#pending = 0;
  }

  #hashZeros(count: number): void {
    for (let left = count; left > 0; left -= ZEROS.length) {
      this.#hash.update(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
    }
  }
}
