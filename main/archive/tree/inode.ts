import { HASH_BYTES, TIMES_BYTES } from '../index/operations.ts';
import {
  type Change,
  GID,
  HAS_HASH,
  HAS_OTIME,
  HAS_TIMES,
  HASH,
  HEAD,
  IS_SEEN,
  IS_SHARED,
  type InodeTable,
  KIND_MASK,
  KINDS,
  LINKS,
  MODE_SHIFT,
  MOST_INODES,
  NUMBER,
  SIZE,
  TIMES,
  UID,
} from './inode-table.ts';
import { NO_NAME } from './name-table.ts';
import { NOTHING_RARE, type Rare, type Verity } from './rare.ts';
import type { StreamRef } from './stream-ref.ts';

export type Kind = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'block' | 'character';

/** What changed the content of a file, in the order of the streams. */
export type ContentOp =
  | DataRun
  | EncodedPiece
  | {
      readonly kind: 'clone';
      readonly offset: number;
      readonly length: number;
      readonly source: ContentVersion;
      readonly sourceOffset: number;
    }
  | { readonly kind: 'zero' | 'missing'; readonly offset: number; readonly length: number }
  | { readonly kind: 'size'; readonly size: number };

/**
 * Data written in pieces that lie at equal distances in the plain stream: byte `offset + i` of
 * the file is at `at + floor(i / chunk) * stride + i % chunk`.
 */
export interface DataRun {
  readonly kind: 'data';
  readonly offset: number;
  readonly length: number;
  readonly chunk: number;
  readonly at: number;
  readonly stride: number;
  readonly stream: StreamRef;
}

/** A compressed extent passed through, as `EncodedWrite` has it. */
export interface EncodedPiece {
  readonly kind: 'encoded';
  readonly offset: number;
  readonly length: number;
  readonly wholeLength: number;
  readonly wholeOffset: number;
  readonly compression: number;
  readonly encryption: number;
  readonly dataLength: number;
  readonly at: number;
  readonly stream: StreamRef;
}

/** A file's content as it was after its first `count` changes. */
export interface ContentVersion {
  readonly inode: Inode;
  readonly count: number;
  readonly size: number;
}

/**
 * One inode of a snapshot; several names may lead to it. What is known of it is in its tree: two of
 * these may be the same inode, which `key` tells.
 */
export class Inode {
  readonly id: number;
  readonly #table: InodeTable;

  constructor(table: InodeTable, id: number) {
    this.#table = table;
    this.id = id;
  }

  /** Of no other inode, in whatever tree. */
  get key(): number {
    return this.#table.number * MOST_INODES + this.id;
  }
  /** The number of its tree, which no other one has. */
  get tree(): number {
    return this.#table.number;
  }
  get kind(): Kind {
    return KINDS[this.#table.get(this.id, HEAD) & KIND_MASK]!;
  }
  get number(): number {
    return this.#table.getNumber(this.id, NUMBER);
  }
  /** Permission bits, 0o7777. */
  get mode(): number {
    return this.#table.get(this.id, HEAD) >>> MODE_SHIFT;
  }
  set mode(mode: number) {
    const head = this.#table.get(this.id, HEAD) & ((1 << MODE_SHIFT) - 1);
    this.#table.set(this.id, HEAD, (mode << MODE_SHIFT) | head);
  }
  get uid(): number {
    return this.#table.get(this.id, UID);
  }
  set uid(uid: number) {
    this.#table.set(this.id, UID, uid);
  }
  get gid(): number {
    return this.#table.get(this.id, GID);
  }
  set gid(gid: number) {
    this.#table.set(this.id, GID, gid);
  }
  /** Of a file. */
  get size(): number {
    return this.kind === 'file' ? this.#table.getNumber(this.id, SIZE) : 0;
  }
  set size(size: number) {
    this.#table.setNumber(this.id, SIZE, size);
  }
  get links(): number {
    return this.#table.get(this.id, LINKS);
  }
  set links(links: number) {
    this.#table.set(this.id, LINKS, links);
  }
  /** Of a folder. */
  get children(): Children | undefined {
    return this.kind === 'directory' ? new Children(this.#table, this.id) : undefined;
  }
  /** BTRFS_INODE_* flags, as far as the stream says. */
  get flags(): number {
    return this.#rare?.flags ?? 0;
  }
  /** Of a device node, in the stream's encoding. */
  get rdev(): number {
    return this.#rare?.rdev ?? 0;
  }
  get target(): Buffer | undefined {
    return this.#rare?.target;
  }
  /** By name, a character a byte. */
  get xattrs(): ReadonlyMap<string, Buffer> | undefined {
    return this.#rare?.xattrs;
  }
  get verity(): Verity | undefined {
    return this.#rare?.verity;
  }
  /** Some of its data was announced only. */
  get isIncomplete(): boolean {
    return this.#rare?.isIncomplete ?? false;
  }
  get hasOtime(): boolean {
    return this.#has(HAS_OTIME);
  }

  set(rare: Partial<Rare>): void {
    this.#table.setRare(this.id, { ...(this.#rare ?? NOTHING_RARE), ...rare });
  }

  setXattr(name: string, value: Buffer): void {
    this.set({ xattrs: (this.#rare?.xattrs ?? new Map<string, Buffer>()).set(name, value) });
  }

  removeXattr(name: string): void {
    const xattrs = this.#rare?.xattrs;
    if (xattrs?.delete(name) === true) this.set({ xattrs });
  }

  get version(): ContentVersion {
    const { count } = this.#table.ends(this.id);
    return { inode: this, count: this.kind === 'file' ? count : 0, size: this.size };
  }

  /** The four times in the order of `btrfs_inode_item`; undefined when never said. */
  get times(): Buffer | undefined {
    return this.#has(HAS_TIMES) ? this.#table.bytes(this.id, TIMES, TIMES_BYTES) : undefined;
  }

  setTimes(times: Uint8Array, hasOtime: boolean): void {
    this.#table.setBytes(this.id, TIMES, times);
    this.#mark(HAS_TIMES | HAS_OTIME, hasOtime ? HAS_TIMES | HAS_OTIME : HAS_TIMES);
  }

  /** Whether the time of the last change is the same, or known of neither. */
  isModifiedAs(other: Inode): boolean {
    const isKnown = this.#has(HAS_TIMES);
    if (isKnown !== other.#has(HAS_TIMES)) return false;
    return (
      !isKnown ||
      MTIME_WORDS.every((at) => this.#table.get(this.id, at) === other.#table.get(other.id, at))
    );
  }

  get modifiedAtMs(): number {
    const { times } = this;
    if (times === undefined) return 0;
    const seconds = Number(times.readBigInt64LE(MTIME));
    const ms = seconds * 1000 + Math.floor(times.readUInt32LE(MTIME + 8) / 1e6);
    return Number.isSafeInteger(ms) ? ms : 0;
  }

  /** Of its content as it is now. */
  get sha256(): Buffer | undefined {
    return this.#has(HAS_HASH) ? this.#table.bytes(this.id, HASH, HASH_BYTES) : undefined;
  }

  setHash(sha256: Uint8Array): void {
    this.#table.setBytes(this.id, HASH, sha256);
    this.#mark(HAS_HASH, HAS_HASH);
  }

  /** Somebody has noted that the content as it is was looked at. */
  get isSeen(): boolean {
    return this.#has(IS_SEEN);
  }
  set isSeen(isSeen: boolean) {
    this.#mark(IS_SEEN, isSeen ? IS_SEEN : 0);
  }

  /** It was cloned from, or into: some of its data may be some of another file's. */
  get isShared(): boolean {
    return this.#has(IS_SHARED);
  }

  change(op: ContentOp): void {
    this.#mark(HAS_HASH, 0);
    if (op.kind === 'clone') {
      this.#mark(IS_SHARED, IS_SHARED);
      op.source.inode.#mark(IS_SHARED, IS_SHARED);
    }
    // Each file ends with its size; there is never data behind it.
    if (op.kind === 'size' && op.size === this.size) return;
    this.isSeen = false;
    this.#table.change(this.id, op);
    if (op.kind === 'size') this.size = op.size;
    else if (op.kind !== 'zero') this.size = Math.max(this.size, op.offset + op.length);
    if (op.kind === 'missing') this.set({ isIncomplete: true });
  }

  /**
   * The changes behind `after`, of which `undefined` stands for none; each with what to ask for those
   * behind it by.
   */
  changes(after: number | undefined): Iterable<Change> {
    return this.#table.changes(this.id, after);
  }

  /** One of them, by what to ask for those behind it by; of any file of its tree. */
  changeAt(at: number): ContentOp {
    return this.#table.changeAt(at);
  }

  get #rare(): Rare | undefined {
    return this.#table.rareOf(this.id);
  }

  #has(mark: number): boolean {
    return (this.#table.get(this.id, HEAD) & mark) !== 0;
  }

  #mark(mask: number, marks: number): void {
    const head = this.#table.get(this.id, HEAD);
    if ((head & mask) !== marks) this.#table.set(this.id, HEAD, (head & ~mask) | marks);
  }
}

/** What is in a folder, in the order in which it came. */
export class Children implements Iterable<[name: string, inode: Inode]> {
  readonly #table: InodeTable;
  readonly #folder: number;

  constructor(table: InodeTable, folder: number) {
    this.#table = table;
    this.#folder = folder;
  }

  get size(): number {
    return this.#table.ends(this.#folder).count;
  }

  has(name: string): boolean {
    return this.#table.names.find(this.#folder, name) !== NO_NAME;
  }

  get(name: string): Inode | undefined {
    const found = this.#table.names.find(this.#folder, name);
    return found === NO_NAME ? undefined : this.#inodeOf(found);
  }

  *entries(): Generator<[name: string, inode: Inode]> {
    const { names } = this.#table;
    for (let at = this.#table.ends(this.#folder).first; at !== NO_NAME; at = names.next(at)) {
      yield [names.textOf(at), this.#inodeOf(at)];
    }
  }

  [Symbol.iterator](): Iterator<[name: string, inode: Inode]> {
    return this.entries();
  }

  #inodeOf(name: number): Inode {
    return new Inode(this.#table, this.#table.names.inodeOf(name));
  }
}

/** In the 48 bytes of times. */
const MTIME = 24;
/** Where in the record its seconds and nanoseconds stand, in units of 4 bytes. */
const MTIME_WORDS = [0, 1, 2].map((word) => (TIMES + MTIME) / 4 + word);

export const KIND_MODE: Readonly<Record<Kind, number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  fifo: 0o010000,
  socket: 0o140000,
  block: 0o060000,
  character: 0o020000,
};
