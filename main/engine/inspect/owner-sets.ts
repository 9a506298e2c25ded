/** Sets of tree numbers, each stored once and known by a number; set 0 is the empty one. */
export class OwnerSets {
  readonly #sets: bigint[] = [0n];
  readonly #numbers = new Map<bigint, number>([[0n, 0]]);
  readonly #unions = new Map<number, number>();

  single(member: number): number {
    return this.#intern(1n << BigInt(member));
  }

  union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const key = Math.min(a, b) * 0x1000_0000 + Math.max(a, b);
    let result = this.#unions.get(key);
    if (result === undefined) {
      result = this.#intern(this.#sets[a]! | this.#sets[b]!);
      this.#unions.set(key, result);
    }
    return result;
  }

  /** Bit `n` for member `n`. */
  members(set: number): bigint {
    return this.#sets[set]!;
  }

  #intern(bits: bigint): number {
    const known = this.#numbers.get(bits);
    if (known !== undefined) return known;
    this.#sets.push(bits);
    this.#numbers.set(bits, this.#sets.length - 1);
    return this.#sets.length - 1;
  }
}
