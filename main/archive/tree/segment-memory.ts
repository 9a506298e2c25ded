import { PagedMemory, Records, type PagedMemoryOptions } from '../../engine/spill/paged-memory.ts';

/** A stretch of a file whose bytes are those of one change: byte `i` of the file is byte `i - shift` of what that covers. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** What the file's offset is ahead of the offset that the change counts in. */
  readonly shift: number;
  /** Which change, of which tree: `ContentResolver.opOf`. */
  readonly tree: number;
  readonly change: number;
}

/** Segments of one group; they fill a page. */
export const GROUP = 512;
/** f64 start, end, shift | u32 tree, change */
const BYTES = 32;

/** 4 MiB: a file is gone through from its start. */
const PAGES = 256;

/** Groups of segments of files in very many pieces; those that were not used lately are in a file. */
export class SegmentMemory {
  readonly #memory: PagedMemory;
  readonly #records: Records;
  readonly #free: number[] = [];
  #slots = 0;

  constructor(options: PagedMemoryOptions = {}) {
    this.#memory = new PagedMemory({ mostPages: PAGES, ...options });
    this.#records = new Records(this.#memory, BYTES);
  }

  close(): void {
    this.#memory.close();
  }

  /** Puts a group away; returns what to ask for it by. */
  put(segments: readonly Segment[]): number {
    const slot = this.#free.pop() ?? this.#slots++;
    segments.forEach(({ start, end, shift, tree, change }, i) => {
      const record = slot * GROUP + i;
      const page = this.#records.page(record);
      const at = this.#records.at(record);
      page.f64[at / 8] = start;
      page.f64[at / 8 + 1] = end;
      page.f64[at / 8 + 2] = shift;
      page.u32[at / 4 + 6] = tree;
      page.u32[at / 4 + 7] = change;
      page.isChanged = true;
    });
    return slot;
  }

  at(slot: number, i: number): Segment {
    const record = slot * GROUP + i;
    const { f64, u32 } = this.#records.page(record);
    const at = this.#records.at(record);
    return {
      start: f64[at / 8]!,
      end: f64[at / 8 + 1]!,
      shift: f64[at / 8 + 2]!,
      tree: u32[at / 4 + 6]!,
      change: u32[at / 4 + 7]!,
    };
  }

  /** Nobody will ask for it any more. */
  release(slot: number): void {
    this.#free.push(slot);
  }
}
