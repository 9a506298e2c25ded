import { randomBytes } from 'node:crypto';
import { Heap, Records, UNIT, type PagedMemory } from '../../engine/spill/paged-memory.ts';

/**
 * One name: in which folder it is, what it names, where its bytes are, and the names before and
 * behind it in its folder, in the order in which they came.
 *
 *   u32  folder | inode | place of the bytes | their length | hash | next | previous | 0
 */
const BYTES = 32;
const FOLDER = 0;
const INODE = 1;
const PLACE = 2;
const LENGTH = 3;
const HASH = 4;
const NEXT = 5;
const PREVIOUS = 6;

/** In the place of its folder's number: the name was removed. */
const GONE = 0xffff_ffff;

/** No name has this number. */
export const NO_NAME = 0;

/** The first and last name of a folder, and how many there are. */
export interface Folder {
  first: number;
  last: number;
  count: number;
}

/** Where the folders' ends are kept. */
export interface Folders {
  ends(inode: number): Folder;
  setEnds(inode: number, folder: Folder): void;
}

/** The names of a tree, by folder. Names are text of one character a byte. */
export class NameTable {
  readonly #records: Records;
  readonly #heap: Heap;
  readonly #folders: Folders;
  readonly #places: HashedNames;

  constructor(memory: PagedMemory, folders: Folders) {
    this.#records = new Records(memory, BYTES);
    this.#heap = new Heap(memory);
    this.#folders = folders;
    this.#records.add();
    this.#places = new HashedNames((entry, hash, folder, name) =>
      this.#isOf(entry, hash, folder, name),
    );
  }

  /** @returns NO_NAME when there is none */
  find(folder: number, name: string): number {
    return this.#places.find(hashOf(folder, name), folder, name);
  }

  /** A name that the folder does not have yet, as its last one. */
  add(folder: number, name: string, inode: number): number {
    const entry = this.#records.add();
    const hash = hashOf(folder, name);
    const place = this.#heap.appendText(name);
    const ends = this.#folders.ends(folder);
    const page = this.#records.page(entry);
    const at = this.#records.at(entry) / 4;
    page.u32[at + FOLDER] = folder;
    page.u32[at + INODE] = inode;
    page.u32[at + PLACE] = place / UNIT;
    page.u32[at + LENGTH] = name.length;
    page.u32[at + HASH] = hash;
    page.u32[at + PREVIOUS] = ends.last;
    page.isChanged = true;
    if (ends.last === NO_NAME) ends.first = entry;
    else this.#set(ends.last, NEXT, entry);
    ends.last = entry;
    ends.count += 1;
    this.#folders.setEnds(folder, ends);
    if (this.#places.isFull) this.#rehash();
    else this.#places.add(hash, entry);
    return entry;
  }

  remove(entry: number): void {
    const folder = this.#get(entry, FOLDER);
    const [next, previous] = [this.#get(entry, NEXT), this.#get(entry, PREVIOUS)];
    const ends = this.#folders.ends(folder);
    if (next === NO_NAME) ends.last = previous;
    else this.#set(next, PREVIOUS, previous);
    if (previous === NO_NAME) ends.first = next;
    else this.#set(previous, NEXT, next);
    ends.count -= 1;
    this.#folders.setEnds(folder, ends);
    this.#places.remove(this.#get(entry, HASH), entry);
    this.#set(entry, FOLDER, GONE);
  }

  inodeOf(entry: number): number {
    return this.#get(entry, INODE);
  }

  folderOf(entry: number): number {
    return this.#get(entry, FOLDER);
  }

  next(entry: number): number {
    return this.#get(entry, NEXT);
  }

  textOf(entry: number): string {
    const page = this.#records.page(entry);
    const at = this.#records.at(entry) / 4;
    return this.#heap.text(page.u32[at + PLACE]! * UNIT, page.u32[at + LENGTH]!);
  }

  /** All names that are there, as they lie beside each other. */
  #rehash(): void {
    this.#places.clear();
    for (let entry = NO_NAME + 1; entry < this.#records.count; entry += 1) {
      const { u32 } = this.#records.page(entry);
      const at = this.#records.at(entry) / 4;
      if (u32[at + FOLDER] !== GONE) this.#places.add(u32[at + HASH]!, entry);
    }
  }

  #isOf(entry: number, hash: number, folder: number, name: string): boolean {
    const { u32 } = this.#records.page(entry);
    const at = this.#records.at(entry) / 4;
    if (u32[at + HASH] !== hash || u32[at + FOLDER] !== folder) return false;
    if (u32[at + LENGTH] !== name.length) return false;
    return this.#heap.isText(u32[at + PLACE]! * UNIT, name);
  }

  #get(entry: number, field: number): number {
    return this.#records.page(entry).u32[this.#records.at(entry) / 4 + field]!;
  }

  #set(entry: number, field: number, value: number): void {
    const page = this.#records.page(entry);
    page.u32[this.#records.at(entry) / 4 + field] = value;
    page.isChanged = true;
  }
}

const FIRST_SLOTS = 1 << 10;
/** Of eight slots, those that are taken at most. */
const MOST_OF_EIGHT = 6;
const FREE = 0;
const REMOVED = 1;
/** Those below say that there is none. */
const FIRST_TAG = 2;
const TAGS = 254;

/**
 * Names by their hash: five bytes in memory for each slot, so that a look at a name that is not
 * there, or at one that is, hardly ever looks at another name.
 */
class HashedNames {
  #names = new Uint32Array(FIRST_SLOTS);
  #tags = new Uint8Array(FIRST_SLOTS);
  /** Taken, now or once. */
  #used = 0;
  #live = 0;
  readonly #isOf: (entry: number, hash: number, folder: number, name: string) => boolean;

  constructor(isOf: (entry: number, hash: number, folder: number, name: string) => boolean) {
    this.#isOf = isOf;
  }

  find(hash: number, folder: number, name: string): number {
    const [names, tags, mask] = [this.#names, this.#tags, this.#tags.length - 1];
    const wanted = tagOf(hash);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const tag = tags[slot]!;
      if (tag === FREE) return NO_NAME;
      if (tag === wanted && this.#isOf(names[slot]!, hash, folder, name)) return names[slot]!;
    }
  }

  /** Another one has no room: it must be made anew, from all names that are there. */
  get isFull(): boolean {
    return 8 * (this.#used + 1) > MOST_OF_EIGHT * this.#tags.length;
  }

  add(hash: number, name: number): void {
    const mask = this.#tags.length - 1;
    let slot = hash & mask;
    while (this.#tags[slot] !== FREE) slot = (slot + 1) & mask;
    this.#names[slot] = name;
    this.#tags[slot] = tagOf(hash);
    this.#used += 1;
    this.#live += 1;
  }

  /** Empty, with room for as many as there are and half as many again. */
  clear(): void {
    let size = FIRST_SLOTS;
    while (MOST_OF_EIGHT * size < 12 * (this.#live + 1)) size *= 2;
    this.#names = new Uint32Array(size);
    this.#tags = new Uint8Array(size);
    this.#used = 0;
    this.#live = 0;
  }

  remove(hash: number, name: number): void {
    const mask = this.#tags.length - 1;
    let slot = hash & mask;
    while (this.#names[slot] !== name || this.#tags[slot] === REMOVED) slot = (slot + 1) & mask;
    this.#tags[slot] = REMOVED;
    this.#live -= 1;
  }
}

function tagOf(hash: number): number {
  return FIRST_TAG + ((hash >>> 24) % TAGS);
}

/** Whoever wrote the archive is not to choose names that meet. */
const SEED = randomBytes(4).readUInt32LE();

/** 32 bits. */
function hashOf(folder: number, name: string): number {
  let hash = Math.imul(folder ^ SEED, 0x85ebca6b);
  for (let i = 0; i < name.length; i += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
