/**
 * Takes the bytes of a stream in order; `bytes` is borrowed until it returns. What it returns is
 * the memory to go on in; nothing: one's own.
 */
export type Drain = (bytes: Uint8Array) => OutputMemory | undefined | void;

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
  #own: OutputMemory;
  /** Where the next byte goes. */
  at = 0;
  /** Bytes drained so far: `drained + at` is the length of the stream. */
  drained = 0;
  readonly #drain: Drain;

  constructor(drain: Drain, sizeBytes: number = DEFAULT_SIZE) {
    this.#drain = drain;
    this.#own = { bytes: new Uint8Array(sizeBytes), isChecksummedLater: false };
    this.bytes = this.#own.bytes;
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes sure that `length` more bytes fit behind `at`. */
  room(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    this.flush();
    if (length <= this.bytes.length) return;
    if (length > this.#own.bytes.length) {
      this.#own = { bytes: new Uint8Array(length), isChecksummedLater: false };
    }
    this.#use(this.#own);
  }

  flush(): void {
    if (this.at === 0) return;
    const length = this.at;
    this.at = 0;
    this.drained += length;
    const next = this.#drain(this.bytes.subarray(0, length)) ?? this.#own;
    if (next.bytes !== this.bytes) this.#use(next);
  }

  #use({ bytes, isChecksummedLater }: OutputMemory): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.isChecksummedLater = isChecksummedLater;
  }
}
