import { assert } from '../../../shared/errors.ts';

/** A list as it goes from thread to thread: its memory goes along. */
export interface PackedList {
  readonly size: number;
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
}

/** What goes along with it. */
export function memoryOf({ pieces }: PackedList): ArrayBuffer[] {
  return pieces.map(({ buffer }) => buffer);
}

const PIECE_BYTES = 1 << 18;
const LENGTH_BYTES = 2;
/** In place of a length: the piece has no more. */
const NO_MORE = 0xffff;

/**
 * Short byte strings one after another, in little more than their own bytes: a million strings in a
 * set, or objects in an array, take 150 to 250 MiB.
 *
 *   u16 length | bytes
 */
export class ByteList implements Iterable<Buffer> {
  readonly #pieces: Buffer<ArrayBuffer>[];
  #size: number;
  /** How much of the last piece is used, and where its last entry begins. */
  #end = PIECE_BYTES;
  #last = 0;

  /** What comes from elsewhere is to be read only. */
  constructor({ size, pieces }: PackedList = { size: 0, pieces: [] }) {
    this.#size = size;
    this.#pieces = pieces.map((one) => Buffer.from(one.buffer, one.byteOffset, one.length));
  }

  get size(): number {
    return this.#size;
  }

  add(...parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    assert(length < NO_MORE, 'what is listed is short');
    if (this.#end + length + 2 * LENGTH_BYTES > PIECE_BYTES) this.#begin();
    const piece = this.#pieces.at(-1)!;
    this.#last = this.#end;
    this.#end = piece.writeUInt16LE(length, this.#end);
    for (const part of parts) {
      piece.set(part, this.#end);
      this.#end += part.length;
    }
    this.#size += 1;
  }

  /** Whether this was added last. */
  isLast(bytes: Uint8Array): boolean {
    if (this.#size === 0) return false;
    const from = this.#last + LENGTH_BYTES;
    if (this.#end - from !== bytes.length) return false;
    return this.#pieces.at(-1)!.compare(bytes, 0, bytes.length, from, this.#end) === 0;
  }

  /** Takes what was added last away again; before that is nothing last. */
  dropLast(): void {
    this.#end = this.#last;
    this.#size -= 1;
  }

  /** Borrowed until the list goes. */
  *[Symbol.iterator](): Generator<Buffer> {
    let left = this.#size;
    for (const piece of this.#pieces) {
      for (let at = 0; left > 0; left -= 1) {
        const length = piece.readUInt16LE(at);
        if (length === NO_MORE) break;
        const from = at + LENGTH_BYTES;
        at = from + length;
        yield piece.subarray(from, at);
      }
    }
  }

  get packed(): PackedList {
    return { size: this.#size, pieces: this.#pieces };
  }

  #begin(): void {
    this.#pieces.at(-1)?.writeUInt16LE(NO_MORE, this.#end);
    this.#pieces.push(Buffer.from(new ArrayBuffer(PIECE_BYTES)));
    this.#end = 0;
  }
}
