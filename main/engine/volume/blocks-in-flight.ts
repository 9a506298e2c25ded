import { DendroError } from '../../../shared/errors.ts';
import { allocateAligned, releaseAligned } from '../device/index.ts';
import type { ChunkReader } from './chunk-reader.ts';

interface Run {
  readonly start: number;
  readonly length: number;
  /** Which part of the memory it is read into. */
  readonly slot: number;
  readonly finish: () => void;
}

/** Tree blocks that will soon be asked for, being read while others are looked at. */
export class BlocksInFlight {
  readonly #chunks: ChunkReader;
  readonly #most: number;
  readonly #runBytes: number;
  readonly #runs: Run[] = [];
  #memory: Uint8Array | undefined;

  /** At most so many reads at a time, each of at most so many bytes. */
  constructor(chunks: ChunkReader, most: number, runBytes: number) {
    this.#chunks = chunks;
    this.#most = most;
    this.#runBytes = runBytes;
  }

  /** Reads that may be begun now. */
  get room(): number {
    return this.#most - this.#runs.length;
  }

  get isFull(): boolean {
    return this.room <= 0;
  }

  /** Where the read that was begun first starts. Only while there are any. */
  get oldest(): number {
    return this.#runs[0]!.start;
  }

  /** Whether a read may be so long, in bytes. */
  fits(length: number): boolean {
    return length <= this.#runBytes;
  }

  /** Whether the byte at this address is being read. */
  covers(logical: number): boolean {
    return this.#runs.some(({ start, length }) => logical >= start && logical < start + length);
  }

  /** Begins a read; false: too long, too many, or not possible there. */
  start(logical: number, length: number): boolean {
    if (!this.fits(length) || this.isFull) return false;
    const slot = this.#freeSlot();
    const memory = (this.#memory ??= allocateAligned(this.#most * this.#runBytes));
    const finish = this.#begin(logical, length, memory, slot * this.#runBytes);
    if (finish === undefined) return false;
    this.#runs.push({ start: logical, length, slot, finish });
    return true;
  }

  /**
   * Waits for the read that covers the address. The bytes are borrowed until the next `start`;
   * undefined when none covers it or it failed.
   */
  take(logical: number): { start: number; bytes: Uint8Array } | undefined {
    const index = this.#runs.findIndex(
      ({ start, length }) => logical >= start && logical < start + length,
    );
    if (index < 0) return undefined;
    const [{ start, length, slot, finish }] = this.#runs.splice(index, 1) as [Run];
    if (!settled(finish)) return undefined;
    const at = slot * this.#runBytes;
    return { start, bytes: this.#memory!.subarray(at, at + length) };
  }

  /** Lets go of reads that nobody is going to ask for. */
  forget(isKnown: (logical: number) => boolean): void {
    for (let i = this.#runs.length - 1; i >= 0; i -= 1) {
      if (isKnown(this.#runs[i]!.start)) settled(this.#runs.splice(i, 1)[0]!.finish);
    }
  }

  /** Lets go of reads that hold none of these addresses. */
  keep(wanted: ReadonlySet<number>): void {
    for (let i = this.#runs.length - 1; i >= 0; i -= 1) {
      const { start, length } = this.#runs[i]!;
      let isWanted = false;
      for (const logical of wanted) isWanted ||= logical >= start && logical < start + length;
      if (!isWanted) settled(this.#runs.splice(i, 1)[0]!.finish);
    }
  }

  /** Waits for all: the memory must not be written to any more. */
  close(): void {
    for (const { finish } of this.#runs.splice(0)) settled(finish);
    if (this.#memory !== undefined) releaseAligned(this.#memory);
    this.#memory = undefined;
  }

  #freeSlot(): number {
    const taken = new Set(this.#runs.map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot += 1;
    return slot;
  }

  #begin(
    logical: number,
    length: number,
    memory: Uint8Array,
    at: number,
  ): (() => void) | undefined {
    try {
      return this.#chunks.startRead(logical, length, memory, at);
    } catch (error) {
      if (error instanceof DendroError) return undefined; // the plain read says why
      throw error;
    }
  }
}

/** The device may still write to the memory: it is waited for, whatever it says. False: it failed. */
export function settled(finish: () => void): boolean {
  try {
    finish();
    return true;
  } catch (error) {
    if (error instanceof DendroError) return false;
    throw error;
  }
}
