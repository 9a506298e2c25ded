import type { Bytes } from './command-sink.ts';

/** Of each of the two halves. */
const MAX_PATHS = 1 << 18;
const MAX_BYTES = 16 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
/** What is forgotten up to here keeps its memory until more has come behind it. */
const FORGOTTEN_BYTES = 1024 * 1024;
const LENGTH_BYTES = 4;

/**
 * Paths by number, in two halves: when the young one is full it becomes the old one, and the old
 * one is forgotten; what is asked for moves to the young one.
 */
export class PathCache {
  #young = new Half();
  #old = new Half();

  get(key: number): Bytes | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: number, path: Bytes): void {
    if (this.#young.isFull) {
      this.#old = this.#young;
      this.#young = new Half();
    }
    this.#young.set(key, path);
  }

  clear(): void {
    if (!this.#young.isEmpty) this.#young = this.#young.emptied();
    if (!this.#old.isEmpty) this.#old = new Half();
  }
}

/**
 * ```
 * | length u32 | path | length u32 | path | ...free... |
 * ```
 * In one piece of memory: an object for each was most of the heap. Views of it stay good, for
 * nothing is written twice.
 */
class Half {
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;
  readonly #starts = new Map<number, number>();

  get isEmpty(): boolean {
    return this.#starts.size === 0;
  }

  get isFull(): boolean {
    return this.#starts.size >= MAX_PATHS || this.#used >= MAX_BYTES;
  }

  /** Goes on behind what was forgotten, which somebody may still look at. */
  emptied(): Half {
    if (this.#used > FORGOTTEN_BYTES) return new Half();
    this.#starts.clear();
    return this;
  }

  get(key: number): Bytes | undefined {
    const start = this.#starts.get(key);
    if (start === undefined) return undefined;
    const from = start + LENGTH_BYTES;
    return this.#bytes.subarray(from, from + this.#view.getUint32(start, true));
  }

  set(key: number, path: Bytes): void {
    const start = this.#used;
    const from = start + LENGTH_BYTES;
    this.#grow(from + path.length);
    this.#view.setUint32(start, path.length, true);
    this.#bytes.set(path, from);
    this.#starts.set(key, start);
    this.#used = from + path.length;
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length, FIRST_BYTES));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
