import { Heap, PagedMemory } from '../../engine/spill/paged-memory.ts';

/** Little of it: what is written is read once, from its start. */
const PAGES = 64;

/** Frames of an index that is made from its stream, out of memory. */
export class FrameSpool implements Iterable<Buffer> {
  readonly #memory: PagedMemory;
  readonly #heap: Heap;
  readonly #frames: (readonly [place: number, length: number])[] = [];

  /** @param isSecret nothing of it may lie about in the open */
  constructor(isSecret: boolean) {
    this.#memory = new PagedMemory({ isSecret, mostPages: PAGES });
    this.#heap = new Heap(this.#memory);
  }

  add(frame: Uint8Array): void {
    this.#frames.push([this.#heap.append(frame), frame.length]);
  }

  *[Symbol.iterator](): Generator<Buffer> {
    for (const [place, length] of this.#frames) yield this.#heap.read(place, length);
  }

  /** Whether other frames, however they were cut, begin with the same bytes. */
  isBeginningOf(others: Iterable<Buffer>): boolean {
    const pieces = others[Symbol.iterator]();
    let piece: Buffer = Buffer.alloc(0);
    for (let rest of this) {
      while (rest.length > 0) {
        while (piece.length === 0) {
          const next = pieces.next();
          if (next.done === true) return false;
          piece = next.value;
        }
        const length = Math.min(piece.length, rest.length);
        if (!piece.subarray(0, length).equals(rest.subarray(0, length))) return false;
        piece = piece.subarray(length);
        rest = rest.subarray(length);
      }
    }
    return true;
  }

  close(): void {
    this.#memory.close();
  }
}
