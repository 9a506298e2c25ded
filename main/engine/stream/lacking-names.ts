/** So many are remembered. */
const MAX_COUNT = 1 << 18;
const FIRST_SLOTS = 1 << 10;

/**
 * Names that are known not to be in a directory, by their hash, so that nobody looks for them on
 * the disk. A table with open addressing: a set for each of many directories took ten times the
 * room.
 */
export class LackingNames {
  /** Directories; 0: a free slot. */
  #directories = new Float64Array(FIRST_SLOTS);
  #hashes = new Uint32Array(FIRST_SLOTS);
  #count = 0;

  has(directory: number, nameHash: number): boolean {
    return this.#directories[this.#slotOf(directory, nameHash)] !== 0;
  }

  add(directory: number, nameHash: number): void {
    if (this.#count === MAX_COUNT) return;
    if (this.#count * 2 === this.#directories.length) this.#grow();
    const slot = this.#slotOf(directory, nameHash);
    if (this.#directories[slot] !== 0) return;
    this.#directories[slot] = directory;
    this.#hashes[slot] = nameHash;
    this.#count++;
  }

  /** Where the pair stands, or the free slot where it would. */
  #slotOf(directory: number, nameHash: number): number {
    const directories = this.#directories;
    const mask = directories.length - 1;
    let slot = (nameHash ^ Math.imul(directory, 0x9e37_79b1)) & mask;
    while (
      directories[slot] !== 0 &&
      (directories[slot] !== directory || this.#hashes[slot] !== nameHash)
    ) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [directories, hashes] = [this.#directories, this.#hashes];
    this.#directories = new Float64Array(2 * directories.length);
    this.#hashes = new Uint32Array(2 * hashes.length);
    for (const [i, directory] of directories.entries()) {
      if (directory === 0) continue;
      const slot = this.#slotOf(directory, hashes[i]!);
      this.#directories[slot] = directory;
      this.#hashes[slot] = hashes[i]!;
    }
  }
}
