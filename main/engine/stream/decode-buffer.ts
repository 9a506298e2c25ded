import type { ByteSource, Pieces } from './decode-source.ts';

/** What is read stays in the processor's cache until it has been checked and used (measured). */
const FIRST_BYTES = 256 << 10;

/**
 * A window onto the stream. It grows only as bytes really arrive, at most doubling, so that
 * nothing is allocated on the word of a header.
 */
export class DecodeBuffer {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  view: DataView = viewOf(this.bytes);
  /** The next byte not yet used, and the end of what was read. */
  at = 0;
  end = 0;
  /** Commands that end before this are known to be good: see `Piece`. */
  checked = 0;
  /** Bytes of the stream before `bytes[0]`. */
  #before = 0;
  /** Our memory, while `bytes` may be a piece. */
  #own = this.bytes;
  #pieces: Pieces | undefined;
  readonly #source: ByteSource;
  readonly #onRead: () => number;
  readonly #isFrugal: boolean;

  /**
   * @param onRead told before each read; gives the commands used so far
   * @param isFrugal no more is read than was asked for
   */
  constructor(source: ByteSource, onRead: () => number, isFrugal = false) {
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
    while (this.end - this.at < length) {
      const commands = this.#onRead();
      if (!this.#isFrugal) this.#pieces ??= this.#lookAhead(commands);
      if (!(this.#pieces ? this.#take(this.#pieces) : this.#read(asked))) return false;
    }
    return true;
  }

  #read(asked: number): boolean {
    this.#compact();
    if (this.end === this.bytes.length) this.#grow();
    const room = this.bytes.length - this.end;
    const most = this.#isFrugal ? Math.min(asked - this.end, room) : room;
    const count = this.#source.read(this.bytes, this.end, most);
    if (count <= 0) return false;
    this.end += count;
    return true;
  }

  #lookAhead(commands: number): Pieces | undefined {
    const rest = this.bytes.subarray(this.at, this.end);
    const pieces = this.#source.ahead?.(this.offset, commands, rest);
    if (pieces !== undefined) this.end = this.at;
    return pieces;
  }

  /** Borrows the next piece, or puts it behind what is left where a command fits no piece. */
  #take(pieces: Pieces): boolean {
    this.#compact();
    const piece = pieces.next();
    if (piece === undefined) return false;
    const { bytes, checked } = piece;
    if (this.end === 0) {
      [this.bytes, this.checked] = [bytes, checked];
      this.view = viewOf(bytes);
    } else {
      while (this.bytes.length - this.end < bytes.length) this.#grow();
      bytes.copy(this.bytes, this.end);
    }
    this.end += bytes.length;
    return true;
  }

  /** What is left goes to the beginning of our own memory. */
  #compact(): void {
    if (this.at === 0 && this.bytes === this.#own) return;
    const rest = this.bytes.subarray(this.at, this.end);
    while (this.#own.length < rest.length) this.#own = Buffer.allocUnsafeSlow(this.#own.length * 2);
    this.#own.set(rest);
    if (this.bytes !== this.#own) this.view = viewOf(this.#own);
    this.bytes = this.#own;
    this.checked = 0;
    this.#before += this.at;
    this.end -= this.at;
    this.at = 0;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.bytes.length * 2);
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = this.#own = larger;
    this.view = viewOf(larger);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
