import { DendroError } from '../../../shared/errors.ts';

/** What is read from: a volume. */
export interface AheadVolume {
  readonly sectorSize: number;
  allocate(lengthBytes: number): Uint8Array;
  release(memory: Uint8Array): void;
  readLogical(logical: number, length: number, target: Uint8Array, targetOffset: number): void;
  /** Begins a `readLogical`; undefined: not possible there. */
  startRead(
    logical: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
  ): (() => void) | undefined;
  verifyData(
    logical: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
  ): 'verified' | 'unverified';
}

/** Memory for one batch of extents. */
const ARENA = 4 * 1024 * 1024;
/** Longer extents are worth a request of their own. */
const MAX_EXTENT = 256 * 1024;
/** Bytes between two extents that are rather read along than skipped. */
const MAX_GAP = 64 * 1024;
const MAX_RUN = 1024 * 1024;
const MAX_QUEUE = 8192;

/** Extents `first` to `last` (exclusive) in order of address, read in one request. */
interface Run {
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly length: number;
  readonly arenaAt: number;
}

/**
 * Many small extents, announced in the order in which they will be asked for, are read in the
 * order in which they lie on the device, in few large requests.
 */
export class ReadAhead {
  readonly #volume: AheadVolume;
  #arena: Uint8Array | undefined;
  /** Announced and not yet read: addresses and lengths in order. */
  readonly #addresses = new Float64Array(MAX_QUEUE);
  readonly #lengths = new Float64Array(MAX_QUEUE);
  #queued = 0;
  #next = 0;
  /** What the arena holds: where each extent of the batch stands. */
  readonly #places = new Map<number, number>();
  readonly #held = new Map<number, number>();

  constructor(volume: AheadVolume) {
    this.#volume = volume;
  }

  close(): void {
    if (this.#arena !== undefined) this.#volume.release(this.#arena);
  }

  /** Forgets what was announced and not asked for. */
  clear(): void {
    this.#queued = this.#next = 0;
  }

  /** An extent, in whole sectors, that has checksums and will be asked for. */
  announce(logical: number, length: number): void {
    if (length > MAX_EXTENT || this.#queued === MAX_QUEUE) return;
    this.#addresses[this.#queued] = logical;
    this.#lengths[this.#queued] = length;
    this.#queued++;
  }

  /**
   * Verified bytes of an announced extent, borrowed until the next call; undefined when it was
   * not announced. `extent` is the address it was announced by.
   */
  view(extent: number, from: number, length: number): Uint8Array | undefined {
    let at = this.#places.get(extent);
    if (at === undefined || from + length > this.#held.get(extent)!) {
      if (!this.#load(extent)) return undefined;
      at = this.#places.get(extent);
      if (at === undefined || from + length > this.#held.get(extent)!) return undefined;
    }
    return this.#arena!.subarray(at + from, at + from + length);
  }

  /** Reads the batch that begins with this extent. False: it was not announced. */
  #load(extent: number): boolean {
    let first = this.#next;
    while (first < this.#queued && this.#addresses[first] !== extent) first++;
    if (first === this.#queued) return false;
    const order: number[] = [];
    let total = 0;
    let end = first;
    for (; end < this.#queued && total + this.#lengths[end]! <= ARENA / 2; end++) {
      total += this.#lengths[end]!;
      order.push(end);
    }
    this.#next = end;
    order.sort((a, b) => this.#addresses[a]! - this.#addresses[b]!);
    this.#places.clear();
    this.#held.clear();
    this.#arena ??= this.#volume.allocate(ARENA);
    this.#readRuns(order);
    return true;
  }

  /** Begins all reads before it waits for the first. */
  #readRuns(order: readonly number[]): void {
    const runs: Run[] = [];
    let arenaAt = 0;
    for (let first = 0; first < order.length;) {
      const run = this.#runFrom(order, first, arenaAt);
      // what does not fit is read when it is asked for
      if (arenaAt + run.length > ARENA) break;
      runs.push(run);
      arenaAt += run.length;
      first = run.last;
    }
    const arena = this.#arena!;
    const reads = runs.map(({ from, length, arenaAt: at }) => {
      let finish: (() => void) | undefined;
      const isBegun = tries(() => (finish = this.#volume.startRead(from, length, arena, at)));
      return isBegun && finish !== undefined
        ? finish
        : () => this.#volume.readLogical(from, length, arena, at);
    });
    let done = 0;
    try {
      while (done < runs.length) if (tries(reads[done++]!)) this.#take(order, runs[done - 1]!);
    } finally {
      // cancelled: the device may still write to the memory
      while (done < runs.length) tries(reads[done++]!);
    }
  }

  /** Extents from `first` on that lie near each other. */
  #runFrom(order: readonly number[], first: number, arenaAt: number): Run {
    const from = this.#addresses[order[first]!]!;
    let to = from + this.#lengths[order[first]!]!;
    let last = first + 1;
    for (; last < order.length; last++) {
      const next = this.#addresses[order[last]!]!;
      const nextEnd = Math.max(to, next + this.#lengths[order[last]!]!);
      if (next > to + MAX_GAP || nextEnd - from > MAX_RUN) break;
      to = nextEnd;
    }
    return { first, last, from, length: to - from, arenaAt };
  }

  #take(order: readonly number[], { first, last, from, arenaAt }: Run): void {
    const arena = this.#arena!;
    for (let i = first; i < last; i++) {
      const address = this.#addresses[order[i]!]!;
      const length = this.#lengths[order[i]!]!;
      const at = arenaAt + address - from;
      if (length <= (this.#held.get(address) ?? 0)) continue;
      if (!tries(() => this.#volume.verifyData(address, length, arena, at))) continue;
      this.#places.set(address, at);
      this.#held.set(address, length);
    }
  }
}

/** What fails here is read again when it is asked for, and fails there with its place. */
function tries(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof DendroError && error.kind !== 'Cancelled') return false;
    throw error;
  }
}
