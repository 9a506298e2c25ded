import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';

const MAX_BYTES = 8;
const MAX_LENGTH = 0xff_ffff;

/** Appends numbers (LEB128, below 2^53) and bytes to a buffer that grows. */
export class ByteWriter {
  bytes: Buffer;
  at = 0;

  constructor(sizeBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(sizeBytes);
  }

  room(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + length));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  u8(value: number): void {
    this.bytes[this.at++] = value;
  }

  number(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.at++] = rest;
  }

  /** Room for it is the caller's to make. */
  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Length, then the bytes. */
  data(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.raw(bytes);
  }
}

/** Reads them back; past the end, or too large a number, is Corrupt 'index-damaged'. */
export class ByteReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  u8(): number {
    if (this.at >= this.bytes.length) throw indexDamaged('ends in the middle');
    return this.bytes[this.at++]!;
  }

  number(): number {
    let value = this.u8();
    if (value < 0x80) return value;
    value &= 0x7f;
    let scale = 0x80;
    for (let i = 1; i < MAX_BYTES; i += 1) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
      scale *= 0x80;
    }
    throw indexDamaged('has a number that cannot be');
  }

  /** A view of `length` bytes. */
  raw(length: number): Buffer {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  data(): Buffer {
    return this.raw(this.number());
  }

  latin1(length: number): string {
    const start = this.skip(length);
    return this.bytes.toString('latin1', start, start + length);
  }

  skip(length: number): number {
    const start = this.at;
    if (length > MAX_LENGTH || start + length > this.bytes.length)
      throw indexDamaged('ends in the middle');
    this.at = start + length;
    return start;
  }
}

export function indexDamaged(what: string): Error {
  return corrupt('index-damaged', say`The index of a stream file is damaged: it ${{ what }}.`, {
    hint: 'The stream itself may be whole; make the index again: dendro archive rebuild-index',
  });
}
