import type { Bytes } from './command-sink.ts';

const TIMES = 48;
const FIRST = 1024;
const MAX_KEPT = 1 << 17;

/** The place of times that are not kept. */
export const TO_BE_LOOKED_UP = -1;

/**
 * The four times of many inodes, side by side: an array for each took five times the room. Of more
 * than `MAX_KEPT` at a time they are not kept.
 */
export class KeptTimes {
  #bytes = new Uint8Array(FIRST * TIMES);
  #used = 0;
  readonly #free: number[] = [];

  /** @param times 48 bytes, copied. @returns a number to ask for them by, or `TO_BE_LOOKED_UP`. */
  add(times: Bytes): number {
    if (this.#used === MAX_KEPT && this.#free.length === 0) return TO_BE_LOOKED_UP;
    const place = this.#free.pop() ?? this.#used++;
    if (this.#used * TIMES > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(times, place * TIMES);
    return place;
  }

  /** Borrowed until the next `add`; the number is given out again. */
  take(place: number): Bytes {
    this.#free.push(place);
    return this.#bytes.subarray(place * TIMES, (place + 1) * TIMES);
  }
}
