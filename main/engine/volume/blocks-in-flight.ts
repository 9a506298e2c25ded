import { DendroError } from '../../../shared/errors.ts';
import { allocateAligned, releaseAligned } from '../device/index.ts';
import type { ChunkReader } from './chunk-reader.ts';

/** Reads under way at a time, and the most that each takes. */
const RUNS = 16;
const RUN_BYTES = 128 * 1024;

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
  readonly #runs: Run[] = [];
  #memory: Uint8Array | undefined;

  constructor(chunks: ChunkReader) {
    this.#chunks = chunks;
  }

  /** Whether the byte at this address is being read. */
  covers(logical: number): boolean {
    return this.#runs.some(({ start, length }) => logical >= start && logical < start + length);
  }

  /** Begins a read; false: too long, too many, or not possible there. */
  start(logical: number, length: number): boolean {
    if (length > RUN_BYTES || this.#runs.length >= RUNS) return false;
    const slot = this.#freeSlot();
    const memory = (this.#memory ??= allocateAligned(RUNS * RUN_BYTES));
    const finish = this.#begin(logical, length, memory, slot * RUN_BYTES);
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
    const at = slot * RUN_BYTES;
    return { start, bytes: this.#memory!.subarray(at, at + length) };
  }

  /** Lets go of reads that nobody is going to ask for. */
  forget(isKnown: (logical: number) => boolean): void {
    for (let i = this.#runs.length - 1; i >= 0; i -= 1) {
      if (isKnown(this.#runs[i]!.start)) settled(this.#runs.splice(i, 1)[0]!.finish);
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

/** The device may still write to the memory: it is waited for, whatever it says. */
function settled(finish: () => void): boolean {
  try {
    finish();
    return true;
  } catch (error) {
    if (error instanceof DendroError) return false;
    throw error;
  }
}
