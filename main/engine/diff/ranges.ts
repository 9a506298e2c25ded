/** Ranges of a file in ascending order, those that touch made one. */
export class RangeList {
  #pairs = new Float64Array(16);
  #used = 0;

  get count(): number {
    return this.#used / 2;
  }
  start(index: number): number {
    return this.#pairs[2 * index]!;
  }
  end(index: number): number {
    return this.#pairs[2 * index + 1]!;
  }

  clear(): void {
    this.#used = 0;
  }

  /** Starts ascend from call to call, but for one that lies in or touches the last range. */
  add(start: number, end: number): void {
    if (end <= start) return;
    const used = this.#used;
    if (used > 0 && start <= this.#pairs[used - 1]!) {
      if (end > this.#pairs[used - 1]!) this.#pairs[used - 1] = end;
      if (start < this.#pairs[used - 2]!) this.#pairs[used - 2] = start;
      return;
    }
    if (used === this.#pairs.length) {
      const larger = new Float64Array(used * 2);
      larger.set(this.#pairs);
      this.#pairs = larger;
    }
    this.#pairs[used] = start;
    this.#pairs[used + 1] = end;
    this.#used = used + 2;
  }
}
