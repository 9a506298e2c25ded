/**
 * Takes the bytes of a stream in order; `bytes` is borrowed until it returns. What it returns is
 * the memory to go on in; nothing: the same.
 */
export type Drain = (bytes: Uint8Array) => OutputMemory | void;

export interface OutputMemory {
  readonly bytes: Uint8Array;
  /** Whoever takes it puts in the checksums of commands (`due-checksums.ts`). */
  readonly isChecksummedLater: boolean;
}

const DEFAULT_SIZE = 1 << 19;

/** One large buffer that commands are written into; drained when the next does not fit. */
export class OutputBuffer {
  bytes: Uint8Array;
  view: DataView;
  isChecksummedLater = false;
  /** Where the next byte goes. */
  at = 0;
  /** Bytes drained so far: `drained + at` is the length of the stream. */
  drained = 0;
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
      this.#use({ bytes: new Uint8Array(length), isChecksummedLater: false });
    }
  }

  flush(): void {
    if (this.at === 0) return;
    const length = this.at;
    this.at = 0;
    this.drained += length;
    const next = this.#drain(this.bytes.subarray(0, length));
    if (next) this.#use(next);
  }

  #use({ bytes, isChecksummedLater }: OutputMemory): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.isChecksummedLater = isChecksummedLater;
  }
}
