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
  readonly #isFrugal: boolean;

  /** @param isFrugal no more is read than was asked for */
  constructor(source: ByteSource, onRead: () => void, isFrugal = false) {
    this.#source = source;
    this.#onRead = onRead;
    this.#isFrugal = isFrugal;
  }

  /** Offset in the stream of the next byte. */
  get offset(): number {
    return this.#before + this.at;
  }

  /**
   * Makes `length` bytes from `at` on available; false when the stream ends before. `further`: so
   * many more are there for sure.
   */
  has(length: number, further = 0): boolean {
    return this.end - this.at >= length || this.#fill(length, length + further);
  }

  #fill(length: number, asked: number): boolean {
    this.#compact();
    while (this.end < length) {
      if (this.end === this.bytes.length) this.#grow();
      this.#onRead();
      const room = this.bytes.length - this.end;
      const most = this.#isFrugal ? Math.min(asked - this.end, room) : room;
      const count = this.#source.read(this.bytes, this.end, most);
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
