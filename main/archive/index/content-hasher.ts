import { createHash, hash, type Hash } from 'node:crypto';
import type { Bytes } from '../../engine/stream/command-sink.ts';
import { ByteList } from './byte-list.ts';

/** A first write of less than this is taken for the whole file and hashed at once. */
const ONE_SHOT_BELOW = 48 * 1024;
/**
 * A longer hole is not fed to the hash as the stream goes by, where nobody looks whether it is
 * cancelled meanwhile. The whole file is then read a second time.
 */
const MAX_GAP = 128 << 20;
const ZEROS = Buffer.alloc(1 << 20);

/**
 * SHA-256 of files as their data goes by. What did not come whole and in order (changed in
 * part, cloned, compressed) is left in `due`, to be hashed when the stream has ended.
 */
export class ContentHasher {
  /**
   * Paths whose content changed and has no hash yet; one may be there twice, and one that is gone by
   * the end of the stream.
   */
  readonly due = new ByteList();
  readonly #keepsDue: boolean;
  readonly #emit: (hash: Buffer) => void;
  readonly #path = Buffer.alloc(8192);
  #pathLength = -1;
  /** Bytes hashed so far; -1: the file cannot be hashed as it goes by. */
  #next = -1;
  #hash: Hash | undefined;
  #digest: Buffer | undefined;

  /** @param keepsDue false where nobody will ask */
  constructor(emit: (hash: Buffer) => void, keepsDue: boolean) {
    this.#emit = emit;
    this.#keepsDue = keepsDue;
  }

  isAt(path: Bytes): boolean {
    if (path.length !== this.#pathLength) return false;
    for (let i = path.length - 1; i >= 0; i -= 1) if (path[i] !== this.#path[i]) return false;
    return true;
  }

  /** An empty file was made; what follows may be all of it. */
  begin(path: Bytes): void {
    this.#use(path);
    this.#next = 0;
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    if (!this.isAt(path)) return this.spoil(path);
    if (this.#next < 0) return;
    if (!this.#fill(offset)) return this.spoil(path);
    if (this.#next === 0 && offset === 0 && data.length < ONE_SHOT_BELOW) {
      this.#digest = hash('sha256', data, 'buffer');
    } else if (this.#digest !== undefined) {
      return this.spoil(path);
    } else {
      (this.#hash ??= createHash('sha256')).update(data);
    }
    this.#next = offset + data.length;
  }

  truncate(path: Bytes, size: number): void {
    if (!this.isAt(path) || this.#next < 0 || size < this.#next || !this.#fill(size)) {
      this.spoil(path);
    }
  }

  /** The content changes in a way that is not followed here. */
  spoil(path: Bytes): void {
    if (!this.isAt(path)) this.#use(path);
    this.#next = -1;
    if (this.#keepsDue && !this.due.isLast(path)) this.due.add(path);
  }

  /** The content is not in the stream: there is nothing to hash. */
  lose(path: Bytes): void {
    if (!this.isAt(path)) this.#use(path);
    this.#next = -1;
    if (this.due.isLast(path)) this.due.dropLast();
  }

  /** The file's content is complete. */
  end(): void {
    if (this.#pathLength < 0) return;
    const digest = this.#next > 0 ? (this.#digest ?? this.#hash?.digest()) : undefined;
    if (digest !== undefined) this.#emit(digest);
    if (this.#next > 0 && this.due.size > 0) {
      const path = this.#path.subarray(0, this.#pathLength);
      if (this.due.isLast(path)) this.due.dropLast();
    }
    this.#pathLength = -1;
    this.#next = -1;
    this.#hash = undefined;
    this.#digest = undefined;
  }

  #use(path: Bytes): void {
    this.end();
    this.#path.set(path);
    this.#pathLength = path.length;
  }

  /** Zeros up to `offset`; false when that cannot be done. */
  #fill(offset: number): boolean {
    const gap = offset - this.#next;
    if (gap === 0) return true;
    if (gap < 0 || gap > MAX_GAP || this.#digest !== undefined) return false;
    this.#hash ??= createHash('sha256');
    for (let left = gap; left > 0; left -= ZEROS.length) {
      this.#hash.update(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
    }
    this.#next = offset;
    return true;
  }
}
