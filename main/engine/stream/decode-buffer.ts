import type { ByteSource } from './decode-source.ts';

/** What is read stays in the processor's cache until it has been checked and used (measured). */
const FIRST_BYTES = 256 << 10;

/**
 * A window onto the stream. It grows only as bytes really arrive, at most doubling, so that
 * nothing is allocated on the word of a header.
 */
export class DecodeBuffer {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  view: DataView = new DataView(this.bytes.buffer);
  /** The next byte not yet used, and the end of what was read. */
  at = 0;
  end = 0;
  /** Bytes of the stream before `bytes[0]`. */
  #before = 0;
  readonly #source: ByteSource;
  readonly #onRead: () => void;

  constructor(source: ByteSource, onRead: () => void) {
    this.#source = source;
    this.#onRead = onRead;
  }

  /** Offset in the stream of the next byte. */
  get offset(): number {
    return this.#before + this.at;
  }

  /** Makes `length` bytes from `at` on available; false when the stream ends before. */
  has(length: number): boolean {
    return this.end - this.at >= length || this.#fill(length);
  }

  #fill(length: number): boolean {
    this.#compact();
    while (this.end < length) {
      if (this.end === this.bytes.length) this.#grow();
      this.#onRead();
      const count = this.#source.read(this.bytes, this.end, this.bytes.length - this.end);
      if (count <= 0) return false;
      this.end += count;
    }
    return true;
  }

  #compact(): void {
    if (this.at === 0) return;
    this.bytes.copyWithin(0, this.at, this.end);
    this.#before += this.at;
    this.end -= this.at;
    this.at = 0;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.bytes.length * 2);
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
