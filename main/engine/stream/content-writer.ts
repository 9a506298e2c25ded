import { SPAN, type Spans } from '../diff/spans.ts';
import { COMPRESSION } from '../format/constants.ts';
import type { Bytes } from './command-sink.ts';
import type { DataSource } from './data-source.ts';
import type { Outgoing } from './outgoing.ts';
import { ENCODED, MAX_WRITE_V1, MAX_WRITE_V2, type Protocol } from './protocol.ts';

export interface ContentOptions {
  readonly protocol: Protocol;
  /** Announce ranges, without their data. */
  readonly noData: boolean;
  /** Compressed extents go as they are on disk. Version 2 and newer. */
  readonly compressedData: boolean;
  readonly sectorSize: number;
}

const NOTHING = new Uint8Array(0);

/**
 * Turns pieces of a file's content, in ascending order, into commands: pieces that follow each
 * other go together, in writes as large as the protocol carries.
 */
export class ContentWriter {
  readonly #out: Outgoing;
  readonly #data: DataSource;
  readonly #options: ContentOptions;
  readonly #max: number;
  readonly #pending: Uint8Array;
  #path: Bytes = NOTHING;
  #pendingFrom = 0;
  #pendingLength = 0;
  /** Where the last write ended: the size the receiver's file has grown to. */
  writtenTo = 0;

  constructor(out: Outgoing, data: DataSource, options: ContentOptions) {
    this.#out = out;
    this.#data = data;
    this.#options = options;
    this.#max = options.protocol === 1 ? MAX_WRITE_V1 : MAX_WRITE_V2;
    this.#pending = new Uint8Array(this.#max);
  }

  begin(path: Bytes, inode: number, hasChecksums: boolean): void {
    this.#path = path;
    this.#data.begin(inode, hasChecksums);
    this.#pendingLength = 0;
    this.writtenTo = 0;
  }

  /** The part `[start, end)` of the span, which is data or inline. */
  piece(span: Spans, start: number, end: number): void {
    if (this.#options.noData) {
      this.#out.updateExtent(this.#path, start, end - start);
      return;
    }
    this.writtenTo = Math.max(this.writtenTo, end);
    if (this.#isPassedThrough(span, start, end)) this.#encoded(span, start, end);
    else if (span.kind === SPAN.inline) this.#inline(span, start, end);
    else if (span.compression !== COMPRESSION.none) this.#compressed(span, start, end);
    else this.#plain(span, start, end);
  }

  zeros(start: number, end: number): void {
    if (this.#options.noData) return this.#out.updateExtent(this.#path, start, end - start);
    this.writtenTo = Math.max(this.writtenTo, end);
    for (let from = start; from < end;) {
      const room = this.#room(from);
      const length = Math.min(room, end - from);
      if (this.#out.wantsData) {
        this.#pending.fill(0, this.#pendingLength, this.#pendingLength + length);
      }
      this.#pendingLength += length;
      from += length;
    }
  }

  /** Before a command of another kind, and at the end of a file. */
  flush(): void {
    const length = this.#pendingLength;
    if (length === 0) return;
    this.#pendingLength = 0;
    if (this.#out.wantsData) {
      this.#out.write(this.#path, this.#pendingFrom, this.#pending.subarray(0, length));
    } else this.#out.writeLength(this.#path, this.#pendingFrom, length);
  }

  #plain(span: Spans, start: number, end: number): void {
    const shift = span.offset - span.itemStart;
    for (let from = start; from < end;) {
      const room = this.#room(from);
      const length = Math.min(room, end - from);
      const wantsData = this.#out.wantsData;
      if (this.#pendingLength === 0 && length === this.#max) {
        if (wantsData) {
          const data = this.#data.stored(span, from + shift, length, end - from);
          this.#out.write(this.#path, from, data);
        } else this.#out.writeLength(this.#path, from, length);
      } else {
        if (wantsData) {
          const data = this.#data.stored(span, from + shift, length, end - from);
          this.#pending.set(data, this.#pendingLength);
        }
        this.#pendingLength += length;
      }
      from += length;
    }
  }

  #compressed(span: Spans, start: number, end: number): void {
    this.#decodedPiece(start, end, start - span.itemStart + span.offset, () =>
      this.#data.decoded(span),
    );
  }

  #inline(span: Spans, start: number, end: number): void {
    const stored = inlineBytes(span);
    const isWhole = start === span.itemStart && end - start === stored.length;
    if (span.compression === COMPRESSION.none && isWhole) {
      this.flush();
      if (this.#out.wantsData) this.#out.write(this.#path, start, stored);
      else this.#out.writeLength(this.#path, start, end - start);
      return;
    }
    this.#decodedPiece(start, end, start - span.itemStart, () =>
      span.compression === COMPRESSION.none
        ? stored
        : this.#data.decodedInline(stored, span.ramBytes, span.compression),
    );
  }

  /** `at`: where `start` is in what `decode` gives. */
  #decodedPiece(start: number, end: number, at: number, decode: () => Uint8Array): void {
    for (let from = start; from < end;) {
      const room = this.#room(from);
      const length = Math.min(room, end - from);
      if (this.#out.wantsData) {
        const begin = at + from - start;
        this.#pending.set(decode().subarray(begin, begin + length), this.#pendingLength);
      }
      this.#pendingLength += length;
      from += length;
    }
  }

  /** Bytes that still fit into the pending write, which goes on at `from`. */
  #room(from: number): number {
    const isNext = from === this.#pendingFrom + this.#pendingLength;
    if (!isNext || this.#pendingLength === this.#max) this.flush();
    if (this.#pendingLength === 0) this.#pendingFrom = from;
    return this.#max - this.#pendingLength;
  }

  /** As the kernel: not when the part that is wanted is smaller than the extent on disk. */
  #isPassedThrough(span: Spans, start: number, end: number): boolean {
    if (!this.#options.compressedData || span.compression === COMPRESSION.none) return false;
    const stored = span.kind === SPAN.inline ? span.inlineLength : span.diskLength;
    return stored <= end - start && start % this.#options.sectorSize === 0;
  }

  #encoded(span: Spans, start: number, end: number): void {
    this.flush();
    const isInline = span.kind === SPAN.inline;
    const dataLength = isInline ? span.inlineLength : span.diskLength;
    const write = {
      offset: start,
      unencodedFileLength: end - start,
      unencodedLength: span.ramBytes,
      unencodedOffset: start - span.itemStart + span.offset,
      compression: encodedCompression(span.compression, this.#options.sectorSize),
      encryption: 0,
    };
    if (!this.#out.wantsData) {
      this.#out.encodedLength(this.#path, { ...write, data: NOTHING }, dataLength);
      return;
    }
    const data = isInline ? inlineBytes(span) : this.#data.stored(span, 0, dataLength, dataLength);
    this.#out.encodedWrite(this.#path, { ...write, data });
  }
}

function inlineBytes(span: Spans): Uint8Array {
  return span.node.bytes.subarray(span.inlineStart, span.inlineStart + span.inlineLength);
}

function encodedCompression(compression: number, sectorSize: number): number {
  if (compression === COMPRESSION.zlib) return ENCODED.zlib;
  if (compression === COMPRESSION.zstd) return ENCODED.zstd;
  return ENCODED.lzo4k + Math.log2(sectorSize / 4096);
}
