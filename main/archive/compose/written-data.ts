import { Heap, PagedMemory, UNIT } from '../../engine/spill/paged-memory.ts';
import type { Origin } from '../tree/read-content.ts';
import { SegmentMemory } from '../tree/segment-memory.ts';
import { SegmentMap } from '../tree/segments.ts';
import type { StreamRef } from '../tree/stream-ref.ts';

/** Little of it: files that share data are mostly near each other. */
const PATH_PAGES = 64;
/** No encoded piece decodes to more. */
const MOST_DECODED = 1 << 17;
const MOST_ENCODED_PLACE = Number.MAX_SAFE_INTEGER / MOST_DECODED - 1;
const SUMS_OFF = 1;

/** A stretch of data that was asked for, and where the new stream has it. */
export interface Found {
  /** From the begin of what was asked for. */
  readonly from: number;
  readonly length: number;
  /** Undefined: nowhere. */
  readonly source: { readonly path: Buffer; readonly offset: number } | undefined;
}

/** Which file the new stream has written what stands where in the old ones into. */
export class WrittenData {
  readonly #segments: SegmentMemory;
  readonly #memory: PagedMemory;
  readonly #paths: Heap;
  /** By place; of encoded pieces by place and what they decode to. */
  readonly #plain = new Map<StreamRef, SegmentMap>();
  readonly #encoded = new Map<StreamRef, SegmentMap>();
  #path = 0;
  #tag = 0;

  constructor(isSecret: boolean) {
    this.#segments = new SegmentMemory({ isSecret });
    this.#memory = new PagedMemory({ isSecret, mostPages: PATH_PAGES });
    this.#paths = new Heap(this.#memory);
  }

  close(): void {
    this.#segments.close();
    this.#memory.close();
  }

  /** A file whose content comes now. The kernel clones nothing between one with checksums and one without. */
  begin(path: Buffer, hasSums: boolean): void {
    this.#path = this.#paths.append(path) / UNIT;
    this.#tag = path.length * 2 + (hasSums ? 0 : SUMS_OFF);
  }

  *find(origin: Origin, length: number): Generator<Found> {
    const at = startOf(origin);
    if (at === undefined) return yield { from: 0, length, source: undefined };
    let done = 0;
    for (const segment of this.#mapOf(origin).within(at, at + length)) {
      const from = segment.start - at;
      if (from > done) yield { from: done, length: from - done, source: undefined };
      done = segment.end - at;
      const isSame = segment.tree % 2 === this.#tag % 2;
      const path = isSame
        ? this.#paths.read(segment.change * UNIT, Math.floor(segment.tree / 2))
        : undefined;
      const source = path && { path, offset: segment.start - segment.shift };
      yield { from, length: done - from, source };
    }
    if (done < length) yield { from: done, length: length - done, source: undefined };
  }

  /** It stands at `offset` of the file that was begun. */
  add(origin: Origin, from: number, length: number, offset: number): void {
    const at = startOf(origin);
    if (at === undefined) return;
    const start = at + from;
    const [tree, change] = [this.#tag, this.#path];
    this.#mapOf(origin).lay({ start, end: start + length, shift: start - offset, tree, change });
  }

  #mapOf({ stream, isEncoded }: Origin): SegmentMap {
    const maps = isEncoded ? this.#encoded : this.#plain;
    let map = maps.get(stream);
    if (map === undefined) maps.set(stream, (map = new SegmentMap(this.#segments)));
    return map;
  }
}

function startOf({ isEncoded, place, within }: Origin): number | undefined {
  if (!isEncoded) return place;
  return place > MOST_ENCODED_PLACE ? undefined : place * MOST_DECODED + within;
}
