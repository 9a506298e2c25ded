import { randomBytes } from 'node:crypto';
import { Heap, PagedMemory, Records, UNIT } from '../spill/paged-memory.ts';

/** In memory of it, 8 MiB: what lies together was mostly put in together, and is asked for so. */
const MOST_PAGES = 512;

/**
 * One folder: where its own record is, where its table begins, how many slots that has, and how
 * many of them are taken, now or once.
 *
 *   u32  record | table, in units of the heap | slots | taken
 */
const FOLDER_BYTES = 16;
const RECORD = 0;
const TABLE = 1;
const SLOTS = 2;
const TAKEN = 3;

/** One inode: u32, where a record of it is. */
const INODE_BYTES = 8;

/** One slot: u32, a hash of the name; u32, where its record is, or one of these. */
const SLOT_BYTES = 8;
const FREE = 0;
const REMOVED = 1;
const FIRST_SLOTS = 8;

/** No record is before it. */
export const FIRST_PLACE = 2;

/**
 * Where the records of names, folders and inodes are, without the names: whoever asks looks whether
 * it is that one. Each folder has a table of its own, so that what is done in one folder stays in a
 * few pages; of millions of names most of them lie in a file.
 */
export class NamesIndex {
  readonly #tables: Heap;
  readonly #folders: Records;
  readonly #inodes: Records;
  /** Who wrote a stream cannot choose names whose hashes meet. */
  readonly #seed = randomBytes(4).readUInt32LE();

  /** @param open gives an empty file that stays open for as long as this is used */
  constructor(open: () => number) {
    const memory = new PagedMemory({ mostPages: MOST_PAGES, open });
    this.#tables = new Heap(memory);
    this.#folders = new Records(memory, FOLDER_BYTES);
    this.#inodes = new Records(memory, INODE_BYTES);
  }

  /** Whether `isIt` says so of one of the places where the name may be. */
  find(folder: number, name: string, isIt: (place: number) => boolean): boolean {
    return this.#slotOf(folder, this.#hashOf(name), isIt) >= 0;
  }

  /** @param isSame whether what is at a place is of this name: then it is replaced */
  set(folder: number, name: string, place: number, isSame: (place: number) => boolean): void {
    const hash = this.#hashOf(name);
    const known = this.#slotOf(folder, hash, isSame);
    if (known >= 0) return this.#write(known, hash, place);
    const taken = this.#ofFolder(folder, TAKEN) + 1;
    if (4 * taken > 3 * this.#ofFolder(folder, SLOTS)) this.#grow(folder);
    this.#insert(this.#tableOf(folder), hash, place);
    this.#setOfFolder(folder, TAKEN, this.#ofFolder(folder, TAKEN) + 1);
  }

  remove(folder: number, name: string, isSame: (place: number) => boolean): void {
    const hash = this.#hashOf(name);
    const known = this.#slotOf(folder, hash, isSame);
    if (known >= 0) this.#write(known, hash, REMOVED);
  }

  /** Where the record of a folder is; 0 for nowhere. */
  placeOfFolder(folder: number): number {
    return this.#ofFolder(folder, RECORD);
  }

  setPlaceOfFolder(folder: number, place: number): void {
    this.#setOfFolder(folder, RECORD, place);
  }

  /** Where the newest record of an inode is; 0 for nowhere. */
  placeOfInode(inode: number): number {
    return this.#inodes.page(inode).u32[this.#inodes.at(inode) / 4]!;
  }

  setPlaceOfInode(inode: number, place: number): void {
    const page = this.#inodes.page(inode);
    page.u32[this.#inodes.at(inode) / 4] = place;
    page.isChanged = true;
  }

  #ofFolder(folder: number, field: number): number {
    return this.#folders.page(folder).u32[this.#folders.at(folder) / 4 + field]!;
  }

  #setOfFolder(folder: number, field: number, value: number): void {
    const page = this.#folders.page(folder);
    page.u32[this.#folders.at(folder) / 4 + field] = value;
    page.isChanged = true;
  }

  #tableOf(folder: number): Table {
    return { begin: this.#ofFolder(folder, TABLE) * UNIT, slots: this.#ofFolder(folder, SLOTS) };
  }

  /** Where in the heap the slot of the name is; -1 when it has none. */
  #slotOf(folder: number, hash: number, isIt: (place: number) => boolean): number {
    const { begin, slots } = this.#tableOf(folder);
    if (slots === 0) return -1;
    for (let slot = hash & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      const at = begin + slot * SLOT_BYTES;
      const { u32 } = this.#tables.page(at);
      const within = this.#tables.within(at) / 4;
      const place = u32[within + 1]!;
      if (place === FREE) return -1;
      if (place !== REMOVED && u32[within] === hash && isIt(place)) return at;
    }
  }

  #insert({ begin, slots }: Table, hash: number, place: number): void {
    let slot = hash & (slots - 1);
    while (this.#read(begin + slot * SLOT_BYTES)[1] !== FREE) slot = (slot + 1) & (slots - 1);
    this.#write(begin + slot * SLOT_BYTES, hash, place);
  }

  /** To twice the room of what is there; the table before is left behind. */
  #grow(folder: number): void {
    const before = this.#tableOf(folder);
    let count = 0;
    for (const [, place] of this.#slots(before)) if (place > REMOVED) count += 1;
    let slots = FIRST_SLOTS;
    while (slots < 2 * count) slots *= 2;
    const table = { begin: this.#tables.reserve(slots * SLOT_BYTES), slots };
    // In the order of the table before, which is nearly that of the new one.
    for (const [hash, place] of this.#slots(before)) {
      if (place > REMOVED) this.#insert(table, hash, place);
    }
    this.#setOfFolder(folder, TABLE, table.begin / UNIT);
    this.#setOfFolder(folder, SLOTS, slots);
    this.#setOfFolder(folder, TAKEN, count);
  }

  *#slots({ begin, slots }: Table): Generator<readonly [hash: number, place: number]> {
    for (let slot = 0; slot < slots; slot += 1) yield this.#read(begin + slot * SLOT_BYTES);
  }

  #read(at: number): readonly [hash: number, place: number] {
    const { u32 } = this.#tables.page(at);
    const within = this.#tables.within(at) / 4;
    return [u32[within]!, u32[within + 1]!];
  }

  #write(at: number, hash: number, place: number): void {
    const page = this.#tables.page(at);
    const within = this.#tables.within(at) / 4;
    page.u32[within] = hash;
    page.u32[within + 1] = place;
    page.isChanged = true;
  }

  /** 32 bits. */
  #hashOf(name: string): number {
    let hash = this.#seed;
    for (let i = 0; i < name.length; i += 1) {
      hash = Math.imul(hash ^ name.charCodeAt(i), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}

interface Table {
  /** In bytes of the heap. */
  readonly begin: number;
  readonly slots: number;
}
