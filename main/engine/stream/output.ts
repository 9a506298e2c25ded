/**
 * Takes the bytes of a stream in order; `bytes` is borrowed until it returns. True: whoever takes
 * them puts in the checksums of the commands that come next (`due-checksums.ts`).
 */
export type Drain = (bytes: Uint8Array) => boolean | void;

const DEFAULT_SIZE = 1 << 19;

/** One large buffer that commands are written into; drained when the next does not fit. */
export class OutputBuffer {
  bytes: Uint8Array;
  view: DataView;
  /** Where the next byte goes. */
  at = 0;
  /** Bytes drained so far: `drained + at` is the length of the stream. */
  drained = 0;
  isChecksummedLater = false;
  readonly #drain: Drain;

  constructor(drain: Drain, sizeBytes: number = DEFAULT_SIZE) {
    this.#drain = drain;
    this.bytes = new Uint8Array(sizeBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes sure that `length` more bytes fit behind `at`. */
  room(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    this.flush();
    if (length > this.bytes.length) {
      this.#use(new Uint8Array(length));
    }
  }

  flush(): void {
    if (this.at === 0) return;
    const length = this.at;
    this.at = 0;
    this.drained += length;
    this.isChecksummedLater = this.#drain(this.bytes.subarray(0, length)) === true;
  }

  #use(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
