import { ARENA_BYTES, ExtentBatch, type AheadVolume, type Extent } from './extent-batch.ts';

/** Longer extents are worth a request of their own. */
const MAX_EXTENT = 256 * 1024;
/** Of the extents of a batch: the rest of the arena is for what lies between them. */
const BATCH_BYTES = ARENA_BYTES / 2;
const MAX_QUEUE = 8192;

/**
 * Many small extents, announced in the order in which they will be asked for, are read in the
 * order in which they lie on the device, in few large requests: one batch while the one before
 * it is looked at.
 */
export class ReadAhead {
  readonly #volume: AheadVolume;
  readonly #free: Uint8Array[] = [];
  /** Announced and not yet begun: those of the last group, and what is left of the one before. */
  #queue: Extent[] = [];
  #lastGroup = 0;
  /** What is looked at, and what is under way. */
  #current: ExtentBatch | undefined;
  #coming: ExtentBatch | undefined;

  constructor(volume: AheadVolume) {
    this.#volume = volume;
  }

  close(): void {
    this.#letGo(this.#coming);
    this.#letGo(this.#current);
    this.#current = this.#coming = undefined;
    for (const arena of this.#free) this.#volume.release(arena);
  }

  /**
   * What is announced from here on will be asked for after what was announced before; what was
   * announced before the last call will not be asked for any more.
   */
  beginGroup(): void {
    this.#queue.splice(0, this.#lastGroup);
    this.#lastGroup = this.#queue.length;
  }

  /** An extent, in whole sectors, that will be asked for. */
  announce(logical: number, length: number, hasChecksums: boolean): void {
    if (length > MAX_EXTENT || this.#queue.length >= MAX_QUEUE) return;
    this.#queue.push({ logical, length, hasChecksums });
  }

  /** Begins to read what was announced, if nothing else is under way. */
  begin(): void {
    if (this.#coming === undefined && this.#queue.length > 0) this.#coming = this.#start(0);
  }

  /**
   * Bytes of an announced extent, borrowed until the next call, verified where it is to have
   * checksums; undefined when it was not announced. `extent` is the address it was announced by.
   */
  view(
    extent: number,
    from: number,
    length: number,
    hasChecksums: boolean,
  ): Uint8Array | undefined {
    const view = this.#current?.view(extent, from, length, hasChecksums);
    if (view !== undefined || !this.#advance(extent)) return view;
    return this.#current!.view(extent, from, length, hasChecksums);
  }

  /** To the batch that holds this extent. False: it was not announced. */
  #advance(extent: number): boolean {
    if (this.#coming?.has(extent) !== true) {
      const index = this.#queue.findIndex(({ logical }) => logical === extent);
      if (index < 0) return false;
      this.#letGo(this.#coming);
      this.#coming = undefined;
      this.#coming = this.#start(index);
    }
    this.#letGo(this.#current);
    this.#current = this.#coming;
    this.#coming = undefined;
    this.begin();
    this.#current.finish();
    return true;
  }

  /** A batch that begins with what stands there in the queue; what stands before it is forgotten. */
  #start(first: number): ExtentBatch {
    let end = first;
    let total = 0;
    for (; end < this.#queue.length; end++) {
      total += this.#queue[end]!.length;
      if (total > BATCH_BYTES) break;
    }
    const extents = this.#queue.slice(first, end);
    this.#queue.splice(0, end);
    this.#lastGroup = Math.max(0, this.#lastGroup - end);
    const batch = new ExtentBatch(this.#volume, this.#takeArena(), extents);
    try {
      batch.begin();
    } catch (error) {
      this.#letGo(batch);
      throw error;
    }
    return batch;
  }

  #takeArena(): Uint8Array {
    return this.#free.pop() ?? this.#volume.allocate(ARENA_BYTES);
  }

  #letGo(batch: ExtentBatch | undefined): void {
    if (batch === undefined) return;
    batch.drop();
    this.#free.push(batch.arena);
  }
}
