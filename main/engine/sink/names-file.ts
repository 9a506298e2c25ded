import { assert } from '../../../shared/errors.ts';
import { writeAllAt } from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';

/** Records begin at multiples of it, so that 32 bits are enough for where one is. */
const UNIT = 16;
const MOST_UNITS = 0xffff_ffff;
/** What is below stands for no place. */
const FIRST_UNIT = 2;
const LENGTH_BYTES = 4;
/** What a record of a name mostly fits in: read at once. */
const USUAL_BYTES = 512;
const CHUNK_BYTES = 1 << 20;
const NAME = Buffer.from('what is remembered of names');

/** What a file says of one name: the folder's number, the name (a character a byte), and the rest. */
export interface NameRecord {
  readonly in: number;
  readonly name: string;
  /** The number of what it names, if it is a folder. */
  readonly id?: number | undefined;
  readonly inode?: number | undefined;
}

/** A record, with the line it is written as and where it is. */
export interface Found<R> {
  readonly record: R;
  readonly line: string;
  readonly at: number;
}

/**
 * Names with what is known of each, in a file that grows: a record that is written again leaves
 * the one before it behind. In memory is, of each name, where its record begins, 8 to 16 bytes.
 * Nothing of it is of use to another process.
 *
 *   record   u32 length of what follows, JSON; up to the next multiple of 16 anything
 */
export class NamesFile<R extends NameRecord> {
  readonly #fd: number;
  readonly #places = new Places();
  readonly #folders = new NumberedPlaces();
  readonly #inodes = new NumberedPlaces();
  /** In units, as all places. */
  #end = FIRST_UNIT;
  /** What was not written yet. */
  #waiting = Buffer.alloc(CHUNK_BYTES);
  #waitingBytes = 0;
  readonly #usual = Buffer.allocUnsafeSlow(USUAL_BYTES);

  /** @param fd of an empty file, open for reading and writing for as long as this is used */
  constructor(fd: number) {
    this.#fd = fd;
  }

  get(folder: number, name: string): Found<R> | undefined {
    let found: Found<R> | undefined;
    this.#places.find(folder, name, (at) => {
      const read = this.#read(at);
      if (read.record.in !== folder || read.record.name !== name) return false;
      found = read;
      return true;
    });
    return found;
  }

  /** Unless `stored` says the same already. To be flushed before anything is read. */
  put(record: R, stored: string | undefined): void {
    const line = JSON.stringify(record);
    if (line === stored) return;
    const at = this.#append(line);
    const { in: folder, name, id, inode } = record;
    this.#places.set(folder, name, at, (before) => this.#isOf(before, folder, name));
    if (id !== undefined) this.#folders.set(id, at);
    if (inode !== undefined) this.#inodes.set(inode, at);
  }

  /** What is known of an inode, whatever its names are. */
  putInode(record: R & { readonly inode: number }): void {
    this.#inodes.set(record.inode, this.#append(JSON.stringify(record)));
  }

  remove(folder: number, name: string): void {
    this.#places.remove(folder, name, (at) => this.#isOf(at, folder, name));
  }

  /** The newest record of any name of this inode. */
  ofInode(inode: number): R | undefined {
    const at = this.#inodes.get(inode);
    return at === 0 ? undefined : this.#read(at).record;
  }

  isNewestOf(inode: number, at: number): boolean {
    return this.#inodes.get(inode) === at;
  }

  /** The record of the folder of this number, if it is still there. */
  ofFolder(id: number): R | undefined {
    const at = this.#folders.get(id);
    if (at === 0) return undefined;
    const { record } = this.#read(at);
    return this.#isCurrent(record, at) ? record : undefined;
  }

  flush(): void {
    if (this.#waitingBytes === 0) return;
    const bytes = this.#waiting.subarray(0, this.#waitingBytes);
    writeAllAt(this.#fd, bytes, this.#end * UNIT - bytes.length, NAME);
    this.#waitingBytes = 0;
  }

  /** The records that were not written again since, in the order of the file as it is now. */
  *current(): Generator<Found<R>> {
    const end = this.#end * UNIT;
    let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let [from, held] = [0, 0];
    for (let at = FIRST_UNIT * UNIT; at < end;) {
      const inside = at - from;
      const length = inside + LENGTH_BYTES <= held ? chunk.readUInt32LE(inside) : -1;
      if (length < 0 || inside + LENGTH_BYTES + length > held) {
        const wanted = Math.max(CHUNK_BYTES, LENGTH_BYTES + length);
        if (wanted > chunk.length) chunk = Buffer.allocUnsafeSlow(wanted);
        from = at;
        held = this.#pread(chunk, from);
        assert(held > LENGTH_BYTES, 'the file of names is shorter than it was');
        continue;
      }
      const found = parsed<R>(chunk, inside + LENGTH_BYTES, length, at / UNIT);
      if (this.#isCurrent(found.record, found.at)) yield found;
      at += unitsOf(length) * UNIT;
    }
  }

  #isCurrent({ in: folder, name }: R, at: number): boolean {
    return this.#places.find(folder, name, (one) => one === at);
  }

  #isOf(at: number, folder: number, name: string): boolean {
    // What waits was put since, and no name is put twice between two flushes.
    if (at * UNIT >= this.#end * UNIT - this.#waitingBytes) return false;
    const { record } = this.#read(at);
    return record.in === folder && record.name === name;
  }

  #append(line: string): number {
    const at = this.#end;
    const length = Buffer.byteLength(line);
    const units = unitsOf(length);
    assert(at + units < MOST_UNITS, 'what is remembered of names has grown beyond 64 GiB');
    if (this.#waitingBytes + units * UNIT > this.#waiting.length) this.flush();
    if (units * UNIT > this.#waiting.length) this.#waiting = Buffer.alloc(units * UNIT);
    this.#waiting.writeUInt32LE(length, this.#waitingBytes);
    this.#waiting.write(line, this.#waitingBytes + LENGTH_BYTES);
    this.#waitingBytes += units * UNIT;
    this.#end += units;
    return at;
  }

  #read(at: number): Found<R> {
    const held = this.#pread(this.#usual, at * UNIT);
    const length = this.#usual.readUInt32LE(0);
    if (LENGTH_BYTES + length <= held) return parsed(this.#usual, LENGTH_BYTES, length, at);
    const whole = Buffer.allocUnsafeSlow(length);
    this.#pread(whole, at * UNIT + LENGTH_BYTES);
    return parsed(whole, 0, length, at);
  }

  #pread(target: Buffer, at: number): number {
    return checked(libc().pread(this.#fd, target, target.length, at), 'read', NAME);
  }
}

function unitsOf(length: number): number {
  return Math.ceil((LENGTH_BYTES + length) / UNIT);
}

function parsed<R>(bytes: Buffer, from: number, length: number, at: number): Found<R> {
  const line = bytes.toString('utf8', from, from + length);
  return { record: JSON.parse(line) as R, line, at };
}

const PAGE = 1024;

/** By number: small ones that were given one after the other. */
class NumberedPlaces {
  readonly #pages = new Map<number, Uint32Array>();

  get(number: number): number {
    return this.#pages.get(Math.floor(number / PAGE))?.[number % PAGE] ?? 0;
  }

  set(number: number, place: number): void {
    const key = Math.floor(number / PAGE);
    let page = this.#pages.get(key);
    if (page === undefined) this.#pages.set(key, (page = new Uint32Array(PAGE)));
    page[number % PAGE] = place;
  }
}

/** Places in the file by a hash of the name: pairs of that and the place. */
interface Part {
  slots: Uint32Array;
  /** Taken, now or once. */
  used: number;
}

const PARTS = 64;
const FIRST_SLOTS = 64;
const FREE = 0;
const REMOVED = 1;

/**
 * Where each name's record is, without the names: whoever asks looks whether it is that one. The
 * table is in parts, so that not all of it is there twice when it grows.
 */
class Places {
  readonly #parts: Part[] = Array.from({ length: PARTS }, () => ({
    ...{ slots: new Uint32Array(2 * FIRST_SLOTS), used: 0 },
  }));

  /** Whether `isIt` says so of one of the places where the name may be. */
  find(folder: number, name: string, isIt: (place: number) => boolean): boolean {
    const hash = hashOf(folder, name);
    return slotOf(this.#partOf(hash), hash, isIt) >= 0;
  }

  /** @param isSame whether what is at a place is of this name: then it is replaced */
  set(folder: number, name: string, place: number, isSame: (place: number) => boolean): void {
    const hash = hashOf(folder, name);
    const part = this.#partOf(hash);
    const known = slotOf(part, hash, isSame);
    if (known >= 0) {
      part.slots[2 * known + 1] = place;
      return;
    }
    if (8 * (part.used + 1) > 3 * part.slots.length) grow(part);
    insert(part, hash, place);
  }

  remove(folder: number, name: string, isSame: (place: number) => boolean): void {
    const hash = hashOf(folder, name);
    const part = this.#partOf(hash);
    const known = slotOf(part, hash, isSame);
    if (known >= 0) part.slots[2 * known + 1] = REMOVED;
  }

  #partOf(hash: number): Part {
    return this.#parts[hash % PARTS]!;
  }
}

/** 32 bits. */
function hashOf(folder: number, name: string): number {
  let hash = Math.imul(folder ^ 0x9e3779b9, 0x85ebca6b);
  for (let i = 0; i < name.length; i += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function slotOf({ slots }: Part, hash: number, isIt: (place: number) => boolean): number {
  const mask = slots.length / 2 - 1;
  for (let slot = homeOf(hash, mask); ; slot = (slot + 1) & mask) {
    const place = slots[2 * slot + 1]!;
    if (place === FREE) return -1;
    if (place !== REMOVED && slots[2 * slot] === hash && isIt(place)) return slot;
  }
}

function homeOf(hash: number, mask: number): number {
  return Math.floor(hash / PARTS) & mask;
}

function insert(part: Part, hash: number, place: number): void {
  const { slots } = part;
  const mask = slots.length / 2 - 1;
  let slot = homeOf(hash, mask);
  while (slots[2 * slot + 1] !== FREE) slot = (slot + 1) & mask;
  slots[2 * slot] = hash;
  slots[2 * slot + 1] = place;
  part.used += 1;
}

/** To twice the room of what is there. */
function grow(part: Part): void {
  const { slots } = part;
  let live = 0;
  for (let i = 1; i < slots.length; i += 2) if (slots[i]! > REMOVED) live += 1;
  let count = FIRST_SLOTS;
  while (count < 2 * live) count *= 2;
  part.slots = new Uint32Array(2 * count);
  part.used = 0;
  for (let i = 0; i < slots.length; i += 2) {
    if (slots[i + 1]! > REMOVED) insert(part, slots[i]!, slots[i + 1]!);
  }
}
