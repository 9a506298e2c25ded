import { SPAN, type Spans } from '../diff/spans.ts';
import { COMPRESSION } from '../format/constants.ts';
import type { Bytes } from './command-sink.ts';
import type { DataSource } from './data-source.ts';
import type { Outgoing } from './outgoing.ts';
import { Pieces, type ExtentSpan, type Piece } from './pieces.ts';
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
  readonly #pieces: Pieces;
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
    this.#pieces = new Pieces(options.sectorSize);
  }

  begin(path: Bytes, inode: number, hasChecksums: boolean): void {
    this.#path = path;
    this.#data.begin(inode, hasChecksums);
    this.#pieces.take();
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
    if (span.kind === SPAN.inline) {
      this.#writePieces();
      this.#inline(span, start, end);
      return;
    }
    this.#pieces.add(span, start, end);
    if (this.#pieces.isFull) this.#writePieces();
  }

  zeros(start: number, end: number): void {
    if (this.#options.noData) return this.#out.updateExtent(this.#path, start, end - start);
    this.writtenTo = Math.max(this.writtenTo, end);
    this.#writePieces();
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
    this.#writePieces();
    this.#flushPending();
  }

  #flushPending(): void {
    const length = this.#pendingLength;
    if (length === 0) return;
    this.#pendingLength = 0;
    if (this.#out.wantsData) {
      this.#out.write(this.#path, this.#pendingFrom, this.#pending.subarray(0, length));
    } else this.#out.writeLength(this.#path, this.#pendingFrom, length);
  }

  #writePieces(): void {
    const pieces = this.#pieces.take();
    if (pieces.length > 1 && this.#out.wantsData) this.#data.announce(pieces);
    for (const piece of pieces) this.#stored(piece);
  }

  #stored(piece: Piece): void {
    const { start, end, diskLength } = piece;
    if (piece.compression === COMPRESSION.none) this.#plain(piece);
    else if (this.#isPassedThrough(piece, start, end, diskLength)) {
      const read = (): Uint8Array => this.#data.stored(piece, 0, diskLength, diskLength);
      this.#encoded(piece, start, end, diskLength, read);
    } else this.#compressed(piece);
  }

  #plain(piece: Piece): void {
    const { start, end } = piece;
    const shift = piece.offset - piece.itemStart;
    for (let from = start; from < end;) {
      const room = this.#room(from);
      const length = Math.min(room, end - from);
      const wantsData = this.#out.wantsData;
      if (this.#pendingLength === 0 && length === this.#max) {
        if (wantsData) {
          const data = this.#data.stored(piece, from + shift, length, end - from);
          this.#out.write(this.#path, from, data, this.#data.sums);
        } else this.#out.writeLength(this.#path, from, length);
      } else {
        if (wantsData) {
          const data = this.#data.stored(piece, from + shift, length, end - from);
          this.#pending.set(data, this.#pendingLength);
        }
        this.#pendingLength += length;
      }
      from += length;
    }
  }

  #compressed(piece: Piece): void {
    const { start, end, itemStart, offset } = piece;
    this.#decodedPiece(start, end, start - itemStart + offset, () => this.#data.decoded(piece));
  }

  #inline(span: Spans, start: number, end: number): void {
    const { inlineStart, inlineLength, compression, ramBytes } = span;
    const stored = span.node.bytes.subarray(inlineStart, inlineStart + inlineLength);
    if (this.#isPassedThrough(span, start, end, inlineLength)) {
      this.#encoded(span, start, end, inlineLength, () => stored);
      return;
    }
    const isWhole = start === span.itemStart && end - start === stored.length;
    if (compression === COMPRESSION.none && isWhole) {
      this.#flushPending();
      if (this.#out.wantsData) this.#out.write(this.#path, start, stored);
      else this.#out.writeLength(this.#path, start, end - start);
      return;
    }
    this.#decodedPiece(start, end, start - span.itemStart, () =>
      compression === COMPRESSION.none
        ? stored
        : this.#data.decodedInline(stored, ramBytes, compression),
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
    if (!isNext || this.#pendingLength === this.#max) this.#flushPending();
    if (this.#pendingLength === 0) this.#pendingFrom = from;
    return this.#max - this.#pendingLength;
  }

  /** As the kernel: not when the part that is wanted is smaller than the extent on disk. */
  #isPassedThrough(span: ExtentSpan, start: number, end: number, stored: number): boolean {
    if (!this.#options.compressedData || span.compression === COMPRESSION.none) return false;
    return stored <= end - start && start % this.#options.sectorSize === 0;
  }

  #encoded(
    span: ExtentSpan,
    start: number,
    end: number,
    dataLength: number,
    read: () => Uint8Array,
  ): void {
    this.#flushPending();
    const write = {
      offset: start,
      unencodedFileLength: end - start,
      unencodedLength: span.ramBytes,
      unencodedOffset: start - span.itemStart + span.offset,
      compression: encodedCompression(span.compression, this.#options.sectorSize),
      encryption: 0,
    };
    if (this.#out.wantsData) this.#out.encodedWrite(this.#path, { ...write, data: read() });
    else this.#out.encodedLength(this.#path, { ...write, data: NOTHING }, dataLength);
  }
}

function encodedCompression(compression: number, sectorSize: number): number {
  if (compression === COMPRESSION.zlib) return ENCODED.zlib;
  if (compression === COMPRESSION.zstd) return ENCODED.zstd;
  return ENCODED.lzo4k + Math.log2(sectorSize / 4096);
}
