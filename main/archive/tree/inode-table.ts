import { TIMES_BYTES } from '../index/operations.ts';
import { ContentLog, type ContentEnds } from './content-log.ts';
import type { ContentOp, Inode, Kind } from './inode.ts';
import { NameTable, type Folder } from './name-table.ts';
import { Heap, type PagedMemory, Records, UNIT } from '../../engine/spill/paged-memory.ts';
import { packRare, unpackRare, type Rare } from './rare.ts';

export const KINDS: readonly Kind[] = [
  ...(['file', 'directory', 'symlink', 'fifo', 'socket', 'block', 'character'] as const),
];

/**
 * One inode. A folder has names, a file has changes of its content: first, last and how many.
 *
 *   u32  head | uid | gid | links | first | last | count | rare
 *   f64  number | size of a file; u32 the name of a folder
 *   48 bytes of times | 32 of the hash
 */
const BYTES = 128;
export const HEAD = 0;
export const UID = 1;
export const GID = 2;
export const LINKS = 3;
const FIRST = 4;
const LAST = 5;
const COUNT = 6;
const RARE = 7;
export const NAME = 10;
/** These in units of 8 bytes. */
export const NUMBER = 4;
export const SIZE = 5;
/** These in bytes. */
export const TIMES = 48;
export const HASH = TIMES + TIMES_BYTES;

/** The head: kind, what is known, mode. */
export const KIND_MASK = 7;
export const HAS_TIMES = 1 << 3;
export const HAS_OTIME = 1 << 4;
export const HAS_HASH = 1 << 5;
/** Somebody looked at the content as it is. */
export const IS_SEEN = 1 << 6;
/** It was cloned from, or into. */
export const IS_SHARED = 1 << 7;
export const MODE_SHIFT = 8;

/** More than memory has room for, and few enough for keys that are numbers. */
export const MOST_INODES = 2 ** 32;

export interface Change {
  readonly op: ContentOp;
  /** What to ask for the changes behind it by. */
  readonly at: number;
}

const LENGTH_BYTES = 8;

let tables = 0;

/** All that is known of the inodes of a tree, by numbers that are given once; 0 is the top. */
export class InodeTable {
  /** Of no other table of this process. */
  readonly number = (tables += 1);
  readonly names: NameTable;
  readonly #memory: PagedMemory;
  readonly #records: Records;
  readonly #rares: Heap;
  readonly #log: ContentLog;
  /** What was asked for or set last; an inode is told everything of in one go. */
  #lastRare: { readonly id: number; rare: Rare; isChanged: boolean } | undefined;

  constructor(memory: PagedMemory, inodeOf: (id: number) => Inode) {
    this.#memory = memory;
    this.#records = new Records(this.#memory, BYTES);
    this.#rares = new Heap(this.#memory);
    this.names = new NameTable(this.#memory, this);
    this.#log = new ContentLog(
      this.#memory,
      ({ inode }) => this.#isOwn(inode),
      (id, count, size) => ({ inode: inodeOf(id), count, size }),
    );
  }

  make(kind: Kind, number: number, mode: number): number {
    const id = this.#records.add();
    const page = this.#records.page(id);
    const at = this.#records.at(id);
    page.u32[at / 4 + HEAD] = KINDS.indexOf(kind) | (mode << MODE_SHIFT);
    page.u32[at / 4 + LINKS] = 1;
    page.f64[at / 8 + NUMBER] = number;
    page.isChanged = true;
    return id;
  }

  get(id: number, field: number): number {
    return this.#records.page(id).u32[this.#records.at(id) / 4 + field]!;
  }

  set(id: number, field: number, value: number): void {
    const page = this.#records.page(id);
    page.u32[this.#records.at(id) / 4 + field] = value;
    page.isChanged = true;
  }

  getNumber(id: number, field: number): number {
    return this.#records.page(id).f64[this.#records.at(id) / 8 + field]!;
  }

  setNumber(id: number, field: number, value: number): void {
    const page = this.#records.page(id);
    page.f64[this.#records.at(id) / 8 + field] = value;
    page.isChanged = true;
  }

  /** A copy. */
  bytes(id: number, from: number, length: number): Buffer {
    const { bytes } = this.#records.page(id);
    const start = this.#records.at(id) + from;
    return Buffer.from(bytes.subarray(start, start + length));
  }

  setBytes(id: number, from: number, value: Uint8Array): void {
    const page = this.#records.page(id);
    const at = this.#records.at(id) + from;
    for (let i = 0; i < value.length; i += 1) page.bytes[at + i] = value[i]!;
    page.isChanged = true;
  }

  /** First and last name, or change of the content, and how many there are. */
  ends(id: number): ContentEnds & Folder {
    const { u32 } = this.#records.page(id);
    const at = this.#records.at(id) / 4;
    return { first: u32[at + FIRST]!, last: u32[at + LAST]!, count: u32[at + COUNT]! };
  }

  setEnds(id: number, { first, last, count }: ContentEnds | Folder): void {
    const page = this.#records.page(id);
    const at = this.#records.at(id) / 4;
    page.u32[at + FIRST] = first;
    page.u32[at + LAST] = last;
    page.u32[at + COUNT] = count;
    page.isChanged = true;
  }

  rareOf(id: number): Rare | undefined {
    if (this.#lastRare?.id === id) return this.#lastRare.rare;
    const place = this.get(id, RARE) * UNIT;
    if (place === 0) return undefined;
    this.#settleRare();
    const rare = unpackRare(
      this.#rares.read(
        place + LENGTH_BYTES,
        this.#rares.page(place).u32[this.#rares.within(place) / 4]!,
      ),
    );
    this.#lastRare = { id, rare, isChanged: false };
    return rare;
  }

  setRare(id: number, rare: Rare): void {
    if (this.#lastRare?.id !== id) this.#settleRare();
    this.#lastRare = { id, rare, isChanged: true };
  }

  change(id: number, op: ContentOp): void {
    this.setEnds(id, this.#log.add(this.ends(id), op));
  }

  changeAt(at: number): ContentOp {
    return this.#log.at(at).op;
  }

  *changes(id: number, after: number | undefined): Generator<Change> {
    let at = after === undefined ? this.get(id, FIRST) : this.#log.at(after).next;
    while (at !== 0) {
      const { op, next } = this.#log.at(at);
      yield { op, at };
      at = next;
    }
  }

  close(): void {
    this.#memory.close();
  }

  #isOwn({ key }: Inode): boolean {
    return Math.floor(key / MOST_INODES) === this.number;
  }

  #settleRare(): void {
    if (this.#lastRare?.isChanged === true) {
      const { id, rare } = this.#lastRare;
      const packed = packRare(rare);
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32LE(packed.length);
      this.set(id, RARE, this.#rares.append(Buffer.concat([length, packed])) / UNIT);
    }
    this.#lastRare = undefined;
  }
}
