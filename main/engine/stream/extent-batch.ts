import { DendroError } from '../../../shared/errors.ts';
import { settled } from '../volume/index.ts';

/** What is read from: a volume. */
export interface AheadVolume {
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
  readonly epoch: number;
  /** Whether nothing was committed since this epoch began. */
  isCurrent(): boolean;
}

/** An address and bytes, in whole sectors. */
export interface Extent {
  readonly logical: number;
  readonly length: number;
  readonly hasChecksums: boolean;
}

/** Memory for one batch of extents. */
export const ARENA_BYTES = 4 * 1024 * 1024;
/** Bytes between two extents that are rather read along than skipped. */
const MAX_GAP = 64 * 1024;
const MAX_RUN = 1024 * 1024;

/** Extents that lie near each other, read in one request. */
interface Run {
  readonly extents: readonly Extent[];
  readonly from: number;
  readonly length: number;
  readonly arenaAt: number;
}

/** Where in the arena an extent stands. */
interface Place {
  readonly at: number;
  readonly length: number;
  readonly isVerified: boolean;
}

/** Small extents that are read together, in the order in which they lie on the device. */
export class ExtentBatch {
  readonly #volume: AheadVolume;
  readonly #arena: Uint8Array;
  readonly #addresses: ReadonlySet<number>;
  readonly #runs: readonly Run[];
  /** Of runs that have been begun; those that could not be are read when they are waited for. */
  readonly #reads: (() => void)[] = [];
  #done = 0;
  /** Of the volume, when it began. */
  #epoch = 0;
  /** By the address of each extent that can be believed. */
  readonly #places = new Map<number, Place>();
  readonly #hasUnproven: boolean;

  /** @param arena the batch's until it is dropped or finished. */
  constructor(volume: AheadVolume, arena: Uint8Array, extents: Extent[]) {
    this.#volume = volume;
    this.#arena = arena;
    this.#hasUnproven = extents.some(({ hasChecksums }) => !hasChecksums);
    this.#addresses = new Set(extents.map(({ logical }) => logical));
    this.#runs = runsOf(extents.sort((a, b) => a.logical - b.logical));
  }

  /** Begins all reads. @throws Cancelled */
  begin(): void {
    this.#epoch = this.#volume.epoch;
    for (const run of this.#runs) this.#reads.push(this.#begin(run));
  }

  get arena(): Uint8Array {
    return this.#arena;
  }

  has(logical: number): boolean {
    return this.#addresses.has(logical);
  }

  /** Waits for all of it, and holds it against its checksums, where it has some. @throws Cancelled */
  finish(): void {
    try {
      while (this.#done < this.#runs.length) {
        const run = this.#runs[this.#done]!;
        if (tries(this.#reads[this.#done++]!)) this.#verify(run);
      }
      this.#checkUnproven();
    } finally {
      this.drop();
    }
  }

  /** Waits for what is under way: the device may still write to the arena. */
  drop(): void {
    while (this.#done < this.#reads.length) settled(this.#reads[this.#done++]!);
  }

  /**
   * Bytes of an extent, verified where it is to have checksums; undefined where they are not to be
   * had. Only when finished.
   */
  view(
    logical: number,
    from: number,
    length: number,
    hasChecksums: boolean,
  ): Uint8Array | undefined {
    const place = this.#places.get(logical);
    if (place === undefined || from + length > place.length) return undefined;
    if (hasChecksums && !place.isVerified) return undefined;
    return this.#arena.subarray(place.at + from, place.at + from + length);
  }

  #begin({ from, length, arenaAt }: Run): () => void {
    const [volume, arena] = [this.#volume, this.#arena];
    let finish: (() => void) | undefined;
    const isBegun = tries(() => (finish = volume.startRead(from, length, arena, arenaAt)));
    if (isBegun && finish !== undefined) return finish;
    return () => volume.readLogical(from, length, arena, arenaAt);
  }

  #verify({ extents, from, arenaAt }: Run): void {
    for (const { logical, length, hasChecksums } of extents) {
      const at = arenaAt + logical - from;
      const known = this.#places.get(logical);
      const isKnown = known !== undefined && length <= known.length;
      if (isKnown && (known.isVerified || !hasChecksums)) continue;
      const verify = (): unknown => this.#volume.verifyData(logical, length, this.#arena, at);
      if (hasChecksums && !tries(verify)) continue;
      this.#places.set(logical, { at, length, isVerified: hasChecksums });
    }
  }

  /** What has no checksums is right if nothing was committed until all of it was read. */
  #checkUnproven(): void {
    if (!this.#hasUnproven) return;
    let isCurrent = false;
    tries(() => (isCurrent = this.#volume.isCurrent() && this.#volume.epoch === this.#epoch));
    if (isCurrent) return;
    for (const [logical, { isVerified }] of this.#places) {
      if (!isVerified) this.#places.delete(logical);
    }
  }
}

/** What does not fit into the arena is left out: it is read when it is asked for. */
function runsOf(extents: readonly Extent[]): Run[] {
  const runs: Run[] = [];
  let arenaAt = 0;
  for (let first = 0; first < extents.length;) {
    const from = extents[first]!.logical;
    let to = from + extents[first]!.length;
    let last = first + 1;
    for (; last < extents.length; last++) {
      const { logical, length } = extents[last]!;
      const end = Math.max(to, logical + length);
      if (logical > to + MAX_GAP || end - from > MAX_RUN) break;
      to = end;
    }
    if (arenaAt + to - from > ARENA_BYTES) break;
    runs.push({ extents: extents.slice(first, last), from, length: to - from, arenaAt });
    arenaAt += to - from;
    first = last;
  }
  return runs;
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
