import { isZeros } from './zeros.ts';

/** A stretch of a file's data; what lies between two of them, and behind the last, is zeros. */
export interface Stretch {
  readonly offset: number;
  /** Borrowed until the next one. */
  readonly data: Uint8Array;
}

/** Whether two files of one size hold the same bytes; reads no further than the first difference. */
export function sameBytes(left: Iterable<Stretch>, right: Iterable<Stretch>): boolean {
  const [a, b] = [new Reading(left), new Reading(right)];
  try {
    while (a.at !== Infinity || b.at !== Infinity) {
      if (a.at === b.at) {
        const count = Math.min(a.rest.length, b.rest.length);
        if (Buffer.compare(a.rest.subarray(0, count), b.rest.subarray(0, count)) !== 0)
          return false;
        a.skip(count);
        b.skip(count);
      } else {
        const [behind, ahead] = a.at < b.at ? [a, b] : [b, a];
        const count = Math.min(behind.rest.length, ahead.at - behind.at);
        if (!isZeros(behind.rest, count)) return false;
        behind.skip(count);
      }
    }
    return true;
  } finally {
    a.close();
    b.close();
  }
}

class Reading {
  readonly #stretches: Iterator<Stretch>;
  /** Where `rest` stands in the file; Infinity at the end. */
  at = Infinity;
  rest: Uint8Array = new Uint8Array(0);

  constructor(stretches: Iterable<Stretch>) {
    this.#stretches = stretches[Symbol.iterator]();
    this.#next();
  }

  skip(count: number): void {
    this.at += count;
    this.rest = this.rest.subarray(count);
    if (this.rest.length === 0) this.#next();
  }

  close(): void {
    this.#stretches.return?.();
  }

  #next(): void {
    for (;;) {
      const next = this.#stretches.next();
      if (next.done === true) {
        this.at = Infinity;
        return;
      }
      if (next.value.data.length === 0) continue;
      this.at = next.value.offset;
      this.rest = next.value.data;
      return;
    }
  }
}
