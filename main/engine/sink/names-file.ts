import { assert } from '../../../shared/errors.ts';
import { writeAllAt } from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { FIRST_PLACE, NamesIndex } from './names-index.ts';

/** Records begin at multiples of it, so that 32 bits are enough for where one is. */
const UNIT = 16;
const MOST_UNITS = 0xffff_ffff;
const LENGTH_BYTES = 4;
/** What a record of a name mostly fits in: read at once. */
const USUAL_BYTES = 512;
const CHUNK_BYTES = 1 << 20;
const NAME = Buffer.from('what is remembered of names');

/** In the place of a folder's number: what is known of an inode that has no name here. */
export const NO_FOLDER = -1;

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
 * the one before it behind. Where each name's record begins is in another file, as far as there is
 * no room for it in memory. Nothing of it is of use to another process.
 *
 *   record   u32 length of what follows, JSON; up to the next multiple of 16 anything
 */
export class NamesFile<R extends NameRecord> {
  readonly #fd: number;
  readonly #index: NamesIndex;
  /** In units, as all places. */
  #end = FIRST_PLACE;
  /** What was not written yet. */
  #waiting = Buffer.alloc(CHUNK_BYTES);
  #waitingBytes = 0;
  readonly #usual = Buffer.allocUnsafeSlow(USUAL_BYTES);

  /** @param open gives an empty file that is open for reading and writing as long as this is used */
  constructor(open: () => number) {
    this.#fd = open();
    this.#index = new NamesIndex(open);
  }

  get(folder: number, name: string): Found<R> | undefined {
    let found: Found<R> | undefined;
    this.#index.find(folder, name, (at) => {
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
    this.#index.set(folder, name, at, (before) => this.#isOf(before, folder, name));
    if (id !== undefined) this.#index.setPlaceOfFolder(id, at);
    if (inode !== undefined) this.#index.setPlaceOfInode(inode, at);
  }

  /** What is known of an inode, whatever its names are. */
  putInode(record: R & { readonly inode: number }): void {
    this.#index.setPlaceOfInode(record.inode, this.#append(JSON.stringify(record)));
  }

  remove(folder: number, name: string): void {
    this.#index.remove(folder, name, (at) => this.#isOf(at, folder, name));
  }

  /** The newest record of any name of this inode. */
  ofInode(inode: number): R | undefined {
    const at = this.#index.placeOfInode(inode);
    return at === 0 ? undefined : this.#read(at).record;
  }

  isNewestOf(inode: number, at: number): boolean {
    return this.#index.placeOfInode(inode) === at;
  }

  /** The record of the folder of this number, if it is still there. */
  ofFolder(id: number): R | undefined {
    const at = this.#index.placeOfFolder(id);
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
    for (let at = FIRST_PLACE * UNIT; at < end;) {
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
    return folder !== NO_FOLDER && this.#index.find(folder, name, (one) => one === at);
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
