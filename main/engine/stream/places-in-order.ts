/** Where an extent's beginning would stand in a file. */
export interface ExtentPlace {
  readonly inode: number;
  readonly base: number;
}

/** Of each place the inode and the base, one after the other. */
const FIELDS = 2;

/**
 * Places in the order of inodes and bases, each once. Of hundreds the first is mostly all that
 * somebody asks for: they are put in order as far as they are asked for (a binary heap).
 */
export class PlacesInOrder {
  readonly #heap: number[];
  #count: number;
  readonly #ordered: ExtentPlace[] = [];
  readonly isCut: boolean;

  /**
   * @param places of each the inode and the base; taken over
   * @param isCut others came behind them
   */
  constructor(places: number[], isCut = false) {
    this.#heap = places;
    this.isCut = isCut;
    this.#count = places.length / FIELDS;
    for (let at = (this.#count >> 1) - 1; at >= 0; at -= 1) this.#sink(at);
  }

  /** With those that are the same. */
  get size(): number {
    return this.#heap.length / FIELDS;
  }

  /** The first of them alone. */
  first(count: number): PlacesInOrder {
    const first: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const place = this.at(index);
      if (place !== undefined) first.push(place.inode, place.base);
    }
    return new PlacesInOrder(first, this.isCut || this.at(count) !== undefined);
  }

  /** Whether something was left off there. */
  isCutAt(index: number): boolean {
    return this.isCut && this.at(index) === undefined;
  }

  at(index: number): ExtentPlace | undefined {
    while (this.#ordered.length <= index) {
      if (this.#count === 0) return undefined;
      const [inode, base] = [this.#heap[0]!, this.#heap[1]!];
      this.#removeFirst();
      const last = this.#ordered.at(-1);
      if (last?.inode !== inode || last.base !== base) this.#ordered.push({ inode, base });
    }
    return this.#ordered[index];
  }

  #removeFirst(): void {
    this.#count -= 1;
    for (let field = 0; field < FIELDS; field += 1) {
      this.#heap[field] = this.#heap[this.#count * FIELDS + field]!;
    }
    this.#sink(0);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    for (let at = from; ;) {
      let first = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2 && child < this.#count; child += 1) {
        if (isFirst(heap, child, first)) first = child;
      }
      if (first === at) return;
      for (let field = 0; field < FIELDS; field += 1) {
        const value = heap[at * FIELDS + field]!;
        heap[at * FIELDS + field] = heap[first * FIELDS + field]!;
        heap[first * FIELDS + field] = value;
      }
      at = first;
    }
  }
}

export function isBefore(one: ExtentPlace, other: ExtentPlace): boolean {
  return one.inode < other.inode || (one.inode === other.inode && one.base < other.base);
}

function isFirst(heap: readonly number[], one: number, other: number): boolean {
  const difference = heap[one * FIELDS]! - heap[other * FIELDS]!;
  if (difference !== 0) return difference < 0;
  return heap[one * FIELDS + 1]! < heap[other * FIELDS + 1]!;
}
