/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1. */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` up to, not including, `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length)]!;
  }

  /** Bytes that do not compress. */
  bytes(length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    const whole = length - (length % 4);
    for (let at = 0; at < whole; at += 4) buffer.writeUInt32LE(this.between(0, 2 ** 32), at);
    for (let at = whole; at < length; at++) buffer[at] = this.between(0, 256);
    return buffer;
  }

  /** Bytes that compress well, unlike those of another call. */
  text(length: number): Buffer {
    const line = `${this.between(0, 2 ** 32).toString(36)} the rings of a tree `;
    return Buffer.from(line.repeat(Math.ceil(length / line.length)).slice(0, length));
  }
}

/** The same without bytes that do not compress: for images that are kept in the repository. */
export class CompressibleRandom extends Random {
  override bytes(length: number): Buffer {
    return this.text(length);
  }
}
