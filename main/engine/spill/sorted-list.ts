import { Heap, PagedMemory, type PagedMemoryOptions } from './paged-memory.ts';

/** Sorted in memory at a time. */
const MOST_WAITING = 1 << 12;
/** Little of it: what is written is read once. */
const PAGES = 1 << 8;
const PIECE_BYTES = 1 << 13;
const LINE_END = 0x0a;

interface Keyed<T> {
  readonly key: string;
  readonly value: T;
}

interface Run {
  readonly place: number;
  readonly length: number;
}

/**
 * Plain data by keys, in their order; what has the same key in the order in which it came. Of
 * millions some thousands are in memory.
 */
export class SortedList<T> implements Iterable<T> {
  /** How many there are. */
  count = 0;
  readonly #memory: PagedMemory;
  readonly #heap: Heap;
  readonly #runs: Run[] = [];
  readonly #mostWaiting: number;
  #waiting: Keyed<T>[] = [];

  constructor({
    mostWaiting = MOST_WAITING,
    ...memory
  }: PagedMemoryOptions & { readonly mostWaiting?: number } = {}) {
    this.#memory = new PagedMemory({ mostPages: PAGES, ...memory });
    this.#heap = new Heap(this.#memory);
    this.#mostWaiting = mostWaiting;
  }

  add(key: string, value: T): void {
    this.#waiting.push({ key, value });
    this.count += 1;
    if (this.#waiting.length >= this.#mostWaiting) this.#putAway();
  }

  *[Symbol.iterator](): Generator<T> {
    for (const { value } of this.entries()) yield value;
  }

  /** With their keys; nothing may be added meanwhile. */
  *entries(): Generator<Keyed<T>> {
    this.#waiting.sort(byKey);
    if (this.#runs.length === 0) yield* this.#waiting;
    else yield* merged([...this.#runs.map((run) => this.#read(run)), this.#waiting.values()]);
  }

  close(): void {
    this.#memory.close();
  }

  #putAway(): void {
    const lines = this.#waiting.sort(byKey).map((one) => `${JSON.stringify(one)}\n`);
    const bytes = Buffer.from(lines.join(''));
    this.#runs.push({ place: this.#heap.append(bytes), length: bytes.length });
    this.#waiting = [];
  }

  *#read({ place, length }: Run): Generator<Keyed<T>> {
    let rest: Buffer = Buffer.alloc(0);
    for (let at = 0; at < length;) {
      const piece = this.#heap.read(place + at, Math.min(PIECE_BYTES, length - at));
      at += piece.length;
      rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      let begin = 0;
      for (let end = rest.indexOf(LINE_END); end >= 0; end = rest.indexOf(LINE_END, begin)) {
        yield JSON.parse(rest.toString('utf8', begin, end)) as Keyed<T>;
        begin = end + 1;
      }
      rest = rest.subarray(begin);
    }
  }
}

/** What has the same key in either list, key by key in their order. */
export function* inPairs<T>(a: SortedList<T>, b: SortedList<T>): Generator<readonly [T[], T[]]> {
  const [lefts, rights] = [new Groups(a), new Groups(b)];
  while (lefts.key !== undefined || rights.key !== undefined) {
    const key = [lefts.key, rights.key].filter((one) => one !== undefined).sort()[0]!;
    yield [lefts.take(key), rights.take(key)];
  }
}

/** What has one key, and then what has the next. */
class Groups<T> {
  readonly #entries: Iterator<Keyed<T>>;
  #next: Keyed<T> | undefined;

  constructor(list: SortedList<T>) {
    this.#entries = list.entries();
    this.#advance();
  }

  get key(): string | undefined {
    return this.#next?.key;
  }

  take(key: string): T[] {
    const values: T[] = [];
    for (; this.#next?.key === key; this.#advance()) values.push(this.#next.value);
    return values;
  }

  #advance(): void {
    const next = this.#entries.next();
    this.#next = next.done === true ? undefined : next.value;
  }
}

function byKey(a: Keyed<unknown>, b: Keyed<unknown>): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

interface Source<T> {
  readonly rest: Iterator<Keyed<T>>;
  readonly number: number;
  next: Keyed<T>;
}

/** Sorted sources into one; of equal keys that of the first source comes first. */
function* merged<T>(sources: readonly Iterator<Keyed<T>>[]): Generator<Keyed<T>> {
  const heap: Source<T>[] = [];
  sources.forEach((rest, number) => {
    const next = rest.next();
    if (next.done !== true) heap.push({ rest, number, next: next.value });
  });
  for (let i = heap.length >> 1; i >= 0; i -= 1) sink(heap, i);
  for (let first = heap[0]; first !== undefined; first = heap[0]) {
    yield first.next;
    const next = first.rest.next();
    if (next.done !== true) first.next = next.value;
    else {
      const last = heap.pop()!;
      if (heap.length > 0 && last !== first) heap[0] = last;
    }
    sink(heap, 0);
  }
}

/** To where both below it come after it. */
function sink<T>(heap: Source<T>[], from: number): void {
  for (let at = from; ;) {
    let least = at;
    for (const below of [2 * at + 1, 2 * at + 2]) {
      if (below < heap.length && comesBefore(heap[below]!, heap[least]!)) least = below;
    }
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}

function comesBefore<T>(a: Source<T>, b: Source<T>): boolean {
  const order = byKey(a.next, b.next);
  return order < 0 || (order === 0 && a.number < b.number);
}
