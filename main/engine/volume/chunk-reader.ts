import { corrupt, DendroError, ioError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { STRIPE_LENGTH } from '../format/constants.ts';
import type { Chunk, ChunkMap } from './chunk-map.ts';
import type { Member, Members } from './members.ts';
import { locate, locateParity, type BoundChunk } from './layout.ts';
import { readRebuilt } from './rebuild.ts';

/** Where a copy of a byte is; of `parity`, where the P or Q stands that it is rebuilt from. */
export interface Place {
  readonly device: string;
  readonly physical: number;
  readonly by: 'mirror' | 'parity';
}

/** Told of a place that a device refused, once another place has given the bytes. */
export type OnFailedRead = (
  logical: number,
  length: number,
  bad: Place,
  error: DendroError,
  good: Place,
) => void;

/** Reads logical addresses through the chunk map, by any way that the profile offers. */
export class ChunkReader {
  readonly map: ChunkMap;
  readonly #members: Members;
  readonly #bound = new Map<Chunk, BoundChunk>();
  readonly #onFailedRead: OnFailedRead;

  constructor(map: ChunkMap, members: Members, onFailedRead: OnFailedRead) {
    this.map = map;
    this.#members = members;
    this.#onFailedRead = onFailedRead;
  }

  /** How many ways there are to read the byte: 0 when its devices are missing. */
  wayCount(logical: number): number {
    const bound = this.#find(logical);
    return waysOf(bound, logical - bound.chunk.logical).length;
  }

  /** Of these, the first ones that are copies of their own: mirrors, or plain, P and Q. */
  copyCount(logical: number): number {
    const bound = this.#find(logical);
    const ways = waysOf(bound, logical - bound.chunk.logical).length;
    const { copies, parity } = bound.chunk.profile;
    return Math.min(ways, copies + parity);
  }

  /** Bytes from `logical` on that lie side by side on one device. */
  contiguous(logical: number): number {
    const { chunk } = this.#find(logical);
    return pieceLength(chunk, logical - chunk.logical);
  }

  /**
   * A number that the bytes share which one P or Q covers; undefined where there is no parity.
   */
  rowOf(logical: number): number | undefined {
    const { chunk } = this.#find(logical);
    if (chunk.profile.layout !== 'parity') return undefined;
    const offset = logical - chunk.logical;
    return chunk.logical + offset - (offset % (STRIPE_LENGTH * chunk.dataStripes));
  }

  /** Where the `rank`-th way finds the byte, the plain place when there is none: for reports. */
  place(logical: number, rank: number): Place {
    const bound = this.#find(logical);
    const { chunk } = bound;
    const offset = logical - chunk.logical;
    const way = waysOf(bound, offset)[rank] ?? 0;
    const isParity = chunk.profile.layout === 'parity' && way > 0;
    const { stripe, physical } = isParity
      ? locateParity(chunk, offset, way === 2 ? 1 : 0)
      : locate(chunk, offset, way);
    const device = bound.members[stripe]?.device.name ?? missingName(chunk, stripe);
    return { device, physical, by: isParity ? 'parity' : 'mirror' };
  }

  /** Where the byte stands as it is, or its first copy: also when that device is missing. */
  plainPlace(logical: number): Place {
    const bound = this.#find(logical);
    const { stripe, physical } = locate(bound.chunk, logical - bound.chunk.logical, 0);
    const device = bound.members[stripe]?.device.name ?? missingName(bound.chunk, stripe);
    return { device, physical, by: 'mirror' };
  }

  /**
   * Reads by the `rank`-th way throughout.
   * @throws Io when that way is closed, Corrupt `unmapped-address`.
   */
  readWay(logical: number, length: number, target: Uint8Array, at: number, rank: number): void {
    this.#eachPiece(logical, length, (bound, offset, size, done) => {
      const way = waysOf(bound, offset)[rank];
      if (way === undefined) throw noWay(bound.chunk, offset);
      readPiece(bound, offset, size, target, at + done, way);
    });
  }

  /** Reads piece by piece, each by the first way that the devices do not refuse. */
  read(logical: number, length: number, target: Uint8Array, at: number): void {
    this.#eachPiece(logical, length, (bound, offset, size, done) => {
      const ways = waysOf(bound, offset);
      const failures: DendroError[] = [];
      for (let rank = 0; rank < ways.length; rank += 1) {
        try {
          readPiece(bound, offset, size, target, at + done, ways[rank]!);
          this.#tellFailures(bound.chunk.logical + offset, size, failures);
          return;
        } catch (error) {
          if (!(error instanceof DendroError) || error.kind !== 'Io') throw error;
          failures.push(error);
        }
      }
      throw failures[0] ?? noWay(bound.chunk, offset);
    });
  }

  /** The ways before the last one have failed. */
  #tellFailures(start: number, size: number, failures: readonly DendroError[]): void {
    failures.forEach((error, rank) => {
      const good = this.place(start, failures.length);
      this.#onFailedRead(start, size, this.place(start, rank), error, good);
    });
  }

  /**
   * Begins a read, of each piece on its device; see `Device.startRead`.
   * @throws Corrupt `unmapped-address`.
   */
  startRead(
    logical: number,
    length: number,
    target: Uint8Array,
    at: number,
  ): (() => void) | undefined {
    const bound = this.#find(logical);
    const offset = logical - bound.chunk.logical;
    if (pieceLength(bound.chunk, offset) >= length) {
      return startPiece(bound, offset, length, target, at);
    }
    const pieces: (() => () => void)[] = [];
    this.#eachPiece(logical, length, (bound, offset, size, done) => {
      const read = (): void => this.read(bound.chunk.logical + offset, size, target, at + done);
      pieces.push(() => startPiece(bound, offset, size, target, at + done) ?? read);
    });
    const finishes = pieces.map((start) => start());
    return () => callAll(finishes);
  }

  #eachPiece(
    logical: number,
    length: number,
    visit: (bound: BoundChunk, offset: number, size: number, done: number) => void,
  ): void {
    for (let done = 0; done < length;) {
      const bound = this.#find(logical + done);
      const offset = logical + done - bound.chunk.logical;
      const size = Math.min(length - done, pieceLength(bound.chunk, offset));
      visit(bound, offset, size, done);
      done += size;
    }
  }

  #find(logical: number): BoundChunk {
    const chunk = this.map.find(logical);
    if (chunk === undefined) {
      throw corrupt('unmapped-address', say`No chunk holds the logical address ${{ logical }}.`, {
        hint: 'The metadata that points there is damaged; try dendro rescue.',
        place: { logical },
      });
    }
    let bound = this.#bound.get(chunk);
    if (bound === undefined) {
      const members = chunk.stripes.map((stripe) => this.#members.ofStripe(stripe));
      bound = { chunk, members, ways: [] };
      this.#bound.set(chunk, bound);
    }
    return bound;
  }
}

function pieceLength(chunk: Chunk, offset: number): number {
  if (chunk.profile.layout === 'mirrored') return chunk.length - offset;
  return Math.min(STRIPE_LENGTH - (offset % STRIPE_LENGTH), chunk.length - offset);
}

function readPiece(
  bound: BoundChunk,
  offset: number,
  length: number,
  target: Uint8Array,
  at: number,
  way: number,
): void {
  if (isRebuilt(bound, way)) {
    readRebuilt(bound, offset, length, target, at, way);
    return;
  }
  const { stripe, physical } = locate(bound.chunk, offset, way);
  const member = bound.members[stripe];
  if (member === undefined) throw noWay(bound.chunk, offset);
  member.device.read(physical, length, target, at);
}

function isRebuilt(bound: BoundChunk, way: number): boolean {
  return bound.chunk.profile.layout === 'parity' && way > 0;
}

/** Undefined where the device cannot, or where something has to be rebuilt. */
function startPiece(
  bound: BoundChunk,
  offset: number,
  length: number,
  target: Uint8Array,
  at: number,
): (() => void) | undefined {
  const way = waysOf(bound, offset)[0];
  if (way === undefined || isRebuilt(bound, way)) return undefined;
  const { stripe, physical } = locate(bound.chunk, offset, way);
  return bound.members[stripe]?.device.startRead?.(physical, length, target, at);
}

/** Every one, also after one that failed: what is under way must not write to memory any more. */
function callAll(finishes: readonly (() => void)[]): void {
  const errors: unknown[] = [];
  for (const finish of finishes) {
    try {
      finish();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** Bytes of one group share their ways: all of a mirrored chunk, else one column or stripe. */
function waysOf(bound: BoundChunk, offset: number): readonly number[] {
  const { chunk } = bound;
  const group = chunk.profile.layout === 'mirrored' ? 0 : locate(chunk, offset, 0).stripe;
  return (bound.ways[group] ??= orderWays(bound, offset));
}

function orderWays(bound: BoundChunk, offset: number): number[] {
  const { chunk, members } = bound;
  const { layout, copies, parity } = chunk.profile;
  const plain = Array.from({ length: copies }, (_, way) => way);
  const at = (way: number): Member | undefined => members[locate(chunk, offset, way).stripe];
  const fresh = plain.filter((way) => at(way)?.stale === false);
  const stale = plain.filter((way) => at(way)?.stale === true);
  if (layout !== 'parity') return [...fresh, ...stale];
  const rebuilds =
    parity === 1 ? [1] : Array.from({ length: chunk.dataStripes + 1 }, (_, i) => i + 1);
  return [...fresh, ...rebuilds, ...stale];
}

function missingName(chunk: Chunk, stripe: number): string {
  return `missing device ${chunk.stripes[stripe]?.deviceId ?? '?'}`;
}

function noWay(chunk: Chunk, offset: number): DendroError {
  const ids = [...new Set(chunk.stripes.map(({ deviceId }) => deviceId))].join(', ');
  return ioError(
    'device-missing',
    say`What is at ${{ logical: chunk.logical + offset }} (${{ name: chunk.profile.name }} on devices ${{ ids }}) needs a device that is missing.`,
    {
      hint: 'Connect the missing device of the filesystem, or name all its devices.',
      place: { logical: chunk.logical + offset },
    },
  );
}
