import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { closeSync, readSync, writeSync } from 'node:fs';
import { assert, DendroError } from '../../../shared/errors.ts';
import { typedFs } from '../../linux/libc-error.ts';
import { openScratchFile } from '../../linux/scratch-file.ts';

const PAGE_BYTES = 1 << 14;
/** Places are multiples of it, so that 32 bits are enough for one. 0 stands for none. */
export const UNIT = 8;
const MOST_UNITS = 0xffff_ffff;
/** Text that is gone through character by character. */
const SHORT = 64;
const MOST_PAGES = (20 << 20) / PAGE_BYTES;
/** Made for disks: the same bytes at another place look otherwise. */
const CIPHER = 'aes-256-xts';
const KEY_BYTES = 64;
const TWEAK_BYTES = 16;

/** A page in memory. It may hold another one as soon as a further page is asked for. */
export interface Page {
  readonly bytes: Buffer;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  /** To be set by whoever changes it. */
  isChanged: boolean;
}

interface Held extends Page {
  owner: PageOwner;
  index: number;
  isUsed: boolean;
}

/** Whose pages they are. */
interface PageOwner {
  /** Where the page lies in the file; undefined as long as it was never there. */
  slotOf(index: number): number | undefined;
  /** It is not in memory any more. */
  leave(index: number, slot: number | undefined): void;
}

export interface PagedMemoryOptions {
  /** Nothing of it may lie about in the open. */
  readonly isSecret?: boolean | undefined;
  readonly mostPages?: number;
  /** Gives an empty file that is gone when it is closed. */
  readonly open?: () => number;
}

/**
 * Memory that may grow beyond what a process should take: pages that were not used lately go into
 * a file without a name. Where there can be no such file, or it is full, they stay.
 */
export class PagedMemory {
  readonly #mostPages: number;
  readonly #open: () => number;
  readonly #seal: Seal | undefined;
  readonly #held: Held[] = [];
  #hand = 0;
  #fd: number | undefined;
  #slots = 0;
  /** There is no room, or no file. */
  #isConfined = false;

  constructor({
    isSecret = false,
    mostPages = MOST_PAGES,
    open = openScratchFile,
  }: PagedMemoryOptions = {}) {
    this.#mostPages = mostPages;
    this.#open = open;
    this.#seal = isSecret ? new Seal() : undefined;
  }

  /** What is not in memory is lost with it. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#isConfined = true;
  }

  /** A page in memory, with whatever was in it last. */
  take(owner: PageOwner, index: number): Held {
    const held = this.#held.length < this.#mostPages ? undefined : this.#freed();
    if (held === undefined) return this.#grown(owner, index);
    return Object.assign(held, { owner, index, isUsed: true, isChanged: false });
  }

  /** What lies in the file, into a page. @throws Io */
  read(slot: number, { bytes }: Page): void {
    assert(this.#fd !== undefined, 'what is read of a tree is closed');
    let got: number;
    try {
      got = readSync(this.#fd, bytes, 0, PAGE_BYTES, slot * PAGE_BYTES);
    } catch (error) {
      throw typedFs(error);
    }
    assert(got === PAGE_BYTES, 'the file of a tree is shorter than it was');
    this.#seal?.open(slot, bytes).copy(bytes);
  }

  #grown(owner: PageOwner, index: number): Held {
    const bytes = Buffer.from(new ArrayBuffer(PAGE_BYTES));
    const u32 = new Uint32Array(bytes.buffer);
    const f64 = new Float64Array(bytes.buffer);
    const held = { owner, index, bytes, u32, f64, isUsed: true, isChanged: false };
    this.#held.push(held);
    return held;
  }

  /** The next one that was not used since it was passed by last; undefined when none can go. */
  #freed(): Held | undefined {
    while (!this.#isConfined) {
      this.#hand = (this.#hand + 1) % this.#held.length;
      const held = this.#held[this.#hand]!;
      if (held.isUsed) held.isUsed = false;
      else if (this.#putAway(held)) return held;
    }
    return undefined;
  }

  #putAway(held: Held): boolean {
    const known = held.owner.slotOf(held.index);
    const slot = held.isChanged ? (known ?? this.#slots) : known;
    if (held.isChanged && !this.#write(slot!, held.bytes)) return false;
    if (slot === this.#slots) this.#slots += 1;
    held.owner.leave(held.index, slot);
    return true;
  }

  /** False where there is no file, or no room in it: from then on everything stays in memory. */
  #write(slot: number, bytes: Buffer): boolean {
    try {
      this.#fd ??= this.#open();
      const sealed = this.#seal?.sealed(slot, bytes) ?? bytes;
      if (writeSync(this.#fd, sealed, 0, PAGE_BYTES, slot * PAGE_BYTES) === PAGE_BYTES) return true;
    } catch (error) {
      if (!(typedFs(error) instanceof DendroError)) throw error;
    }
    this.#isConfined = true;
    return false;
  }
}

/** A key that nobody else has, and that is gone with the process. */
class Seal {
  readonly #key = createSecretKey(randomBytes(KEY_BYTES));
  readonly #tweak = Buffer.alloc(TWEAK_BYTES);

  sealed(slot: number, bytes: Buffer): Buffer {
    return createCipheriv(CIPHER, this.#key, this.#tweakOf(slot)).update(bytes);
  }

  open(slot: number, bytes: Buffer): Buffer {
    return createDecipheriv(CIPHER, this.#key, this.#tweakOf(slot)).update(bytes);
  }

  #tweakOf(slot: number): Buffer {
    this.#tweak.writeDoubleLE(slot);
    return this.#tweak;
  }
}

/** Pages by number. */
class Pages implements PageOwner {
  readonly #memory: PagedMemory;
  readonly #here: (Held | undefined)[] = [];
  readonly #slots: (number | undefined)[] = [];

  constructor(memory: PagedMemory) {
    this.#memory = memory;
  }

  at(index: number): Page {
    const held = this.#here[index];
    if (held === undefined) return this.#fetch(index);
    held.isUsed = true;
    return held;
  }

  slotOf(index: number): number | undefined {
    return this.#slots[index];
  }

  leave(index: number, slot: number | undefined): void {
    this.#here[index] = undefined;
    this.#slots[index] = slot;
  }

  #fetch(index: number): Page {
    const held = this.#memory.take(this, index);
    const slot = this.#slots[index];
    if (slot === undefined) held.bytes.fill(0);
    else this.#memory.read(slot, held);
    this.#here[index] = held;
    return held;
  }
}

/** Records of one size, numbered from 0 on; a new one is zeros. */
export class Records {
  readonly #pages: Pages;
  /** Of the number of a record, the bits that say where in its page it is. */
  readonly #bits: number;
  readonly #bytes: number;
  count = 0;

  /** @param bytes a power of 2: a division would take longer than all else of a look-up. */
  constructor(memory: PagedMemory, bytes: number) {
    this.#pages = new Pages(memory);
    this.#bytes = bytes;
    this.#bits = Math.log2(PAGE_BYTES / bytes);
    assert(Number.isInteger(this.#bits), 'records do not fill a page');
  }

  add(): number {
    return this.count++;
  }

  /** The page that the record is in. */
  page(record: number): Page {
    return this.#pages.at(record >>> this.#bits);
  }

  /** Where in the page it begins, in bytes. */
  at(record: number): number {
    return (record & ((1 << this.#bits) - 1)) * this.#bytes;
  }
}

/** Bytes behind one another; a place is a multiple of 8. */
export class Heap {
  readonly #pages: Pages;
  #end = UNIT;

  constructor(memory: PagedMemory) {
    this.#pages = new Pages(memory);
  }

  /** Room within one page, of zeros. */
  reserve(length: number): number {
    const left = PAGE_BYTES - (this.#end % PAGE_BYTES);
    return this.#take(length, length > left ? this.#end + left : this.#end);
  }

  /** The page that a place is in. */
  page(place: number): Page {
    return this.#pages.at(Math.floor(place / PAGE_BYTES));
  }

  /** Where in that page it is. */
  within(place: number): number {
    return place % PAGE_BYTES;
  }

  append(bytes: Uint8Array): number {
    const { length } = bytes;
    const place = length <= PAGE_BYTES ? this.reserve(length) : this.#take(length, this.#end);
    for (let done = 0; done < length;) {
      const page = this.page(place + done);
      const within = (place + done) % PAGE_BYTES;
      const part = bytes.subarray(done, done + PAGE_BYTES - within);
      page.bytes.set(part, within);
      page.isChanged = true;
      done += part.length;
    }
    return place;
  }

  /** Text of one character a byte. */
  appendText(text: string): number {
    if (text.length > PAGE_BYTES) return this.append(Buffer.from(text, 'latin1'));
    const place = this.reserve(text.length);
    const page = this.page(place);
    const within = this.within(place);
    // Names are short: a call out of JavaScript takes longer than they do.
    if (text.length > SHORT) page.bytes.write(text, within, 'latin1');
    else for (let i = 0; i < text.length; i += 1) page.bytes[within + i] = text.charCodeAt(i);
    page.isChanged = true;
    return place;
  }

  read(place: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const within = (place + done) % PAGE_BYTES;
      done += this.page(place + done).bytes.copy(bytes, done, within, within + length - done);
    }
    return bytes;
  }

  /** Whether this text stands there. */
  isText(place: number, text: string): boolean {
    const within = place % PAGE_BYTES;
    if (text.length > SHORT || within + text.length > PAGE_BYTES)
      return this.text(place, text.length) === text;
    const { bytes } = this.page(place);
    for (let i = 0; i < text.length; i += 1) {
      if (bytes[within + i] !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  /** The same as text. */
  text(place: number, length: number): string {
    const within = place % PAGE_BYTES;
    if (within + length > PAGE_BYTES) return this.read(place, length).toString('latin1');
    return this.page(place).bytes.toString('latin1', within, within + length);
  }

  #take(length: number, place: number): number {
    this.#end = place + Math.ceil(length / UNIT) * UNIT;
    assert(this.#end / UNIT <= MOST_UNITS, 'what is kept of a tree has grown beyond 32 GiB');
    return place;
  }
}
