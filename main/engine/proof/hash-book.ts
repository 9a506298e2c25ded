const HASH_BYTES = 32;
const FIRST_ENTRIES = 1024;

/** SHA-256 of files by inode number; some seventy bytes for each. */
export class HashBook {
  readonly #places = new Map<number, number>();
  #hashes = Buffer.alloc(FIRST_ENTRIES * HASH_BYTES);
  #count = 0;

  add(inode: number, hash: Uint8Array): void {
    if (this.#count * HASH_BYTES === this.#hashes.length) {
      this.#hashes = Buffer.concat([this.#hashes, Buffer.alloc(this.#hashes.length)]);
    }
    this.#hashes.set(hash, this.#count * HASH_BYTES);
    this.#places.set(inode, this.#count);
    this.#count += 1;
  }

  /** In hexadecimal. */
  get(inode: number): string | undefined {
    const place = this.#places.get(inode);
    if (place === undefined) return undefined;
    return this.#hashes.toString('hex', place * HASH_BYTES, (place + 1) * HASH_BYTES);
  }

  delete(inode: number): void {
    this.#places.delete(inode);
  }
}
