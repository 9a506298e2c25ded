const HASH_BYTES = 32;
/** Entries of one chunk: a megabyte of hashes. */
const CHUNK = 1 << 15;
const FIRST_SLOTS = 1 << 10;
/** What spreads numbers that follow each other: 2^32 divided by the golden ratio, Knuth's. */
const SPREAD = 0x9e3779b1;

/**
 * SHA-256 of files by inode number; some fifty bytes for each. A Map takes a hundred and no more
 * than 2^24 of them.
 */
export class HashBook {
  readonly #numbers: Float64Array[] = [];
  readonly #hashes: Buffer[] = [];
  #count = 0;
  /** One more than a number's entry, in the slot of its hash or the next one that was free; 0: none. */
  #slots = new Uint32Array(FIRST_SLOTS);

  /** The hash that it has from now on. */
  add(inode: number, hash: Uint8Array): void {
    if (2 * this.#count >= this.#slots.length) this.#grow();
    const slot = this.#slotOf(inode);
    if (this.#slots[slot] === 0) this.#slots[slot] = this.#append(inode) + 1;
    const entry = this.#slots[slot]! - 1;
    this.#hashes[Math.floor(entry / CHUNK)]!.set(hash, (entry % CHUNK) * HASH_BYTES);
  }

  /** In hexadecimal. */
  get(inode: number): string | undefined {
    const entry = this.#slots[this.#slotOf(inode)]! - 1;
    if (entry < 0) return undefined;
    const from = (entry % CHUNK) * HASH_BYTES;
    return this.#hashes[Math.floor(entry / CHUNK)]!.toString('hex', from, from + HASH_BYTES);
  }

  #append(inode: number): number {
    const entry = this.#count;
    if (entry % CHUNK === 0) {
      this.#numbers.push(new Float64Array(CHUNK));
      this.#hashes.push(Buffer.allocUnsafeSlow(CHUNK * HASH_BYTES));
    }
    this.#numbers.at(-1)![entry % CHUNK] = inode;
    this.#count += 1;
    return entry;
  }

  /** Its own, or the free one that it would get. */
  #slotOf(inode: number): number {
    const last = this.#slots.length - 1;
    let slot = Math.imul(inode ^ (inode / 0x1_0000_0000), SPREAD) & last;
    while (this.#slots[slot] !== 0 && this.#numberOf(this.#slots[slot]! - 1) !== inode) {
      slot = (slot + 1) & last;
    }
    return slot;
  }

  #numberOf(entry: number): number {
    return this.#numbers[Math.floor(entry / CHUNK)]![entry % CHUNK]!;
  }

  #grow(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    for (let entry = 0; entry < this.#count; entry += 1) {
      this.#slots[this.#slotOf(this.#numberOf(entry))] = entry + 1;
    }
  }
}
