/**
 * Addresses to the number of a set, in typed arrays: 12 bytes an entry and some slack, so
 * that the extents of a large volume fit in memory. Open addressing, linear probing.
 */
export class AddressMap {
  #keys: Float64Array;
  #values: Int32Array;
  #mask: number;
  #size = 0;
  readonly #unit: number;

  /** @param unit what keys are multiples of: 4,096 for addresses, 1 for inode numbers. */
  constructor(unit = 4096, capacity = 1024) {
    this.#unit = unit;
    this.#keys = new Float64Array(capacity).fill(-1);
    this.#values = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** -1 when the address is not in it. */
  get(address: number): number {
    const at = this.#find(address);
    return this.#keys[at] === -1 ? -1 : this.#values[at]!;
  }

  set(address: number, value: number): void {
    const at = this.#find(address);
    if (this.#keys[at] === -1) {
      this.#keys[at] = address;
      this.#size += 1;
    }
    this.#values[at] = value;
    if (this.#size * 4 > this.#keys.length * 3) this.#grow();
  }

  *entries(): Generator<readonly [address: number, value: number]> {
    for (let at = 0; at < this.#keys.length; at += 1) {
      if (this.#keys[at] !== -1) yield [this.#keys[at]!, this.#values[at]!];
    }
  }

  #find(address: number): number {
    let at = (Math.imul(Math.floor(address / this.#unit) | 0, 0x9e3779b1) >>> 7) & this.#mask;
    while (this.#keys[at] !== -1 && this.#keys[at] !== address) at = (at + 1) & this.#mask;
    return at;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Float64Array(keys.length * 2).fill(-1);
    this.#values = new Int32Array(keys.length * 2);
    this.#mask = keys.length * 2 - 1;
    for (let i = 0; i < keys.length; i += 1) {
      if (keys[i] === -1) continue;
      const at = this.#find(keys[i]!);
      this.#keys[at] = keys[i]!;
      this.#values[at] = values[i]!;
    }
  }
}
