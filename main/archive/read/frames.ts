import { constants, zstdDecompressSync } from 'node:zlib';
import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import {
  type FrameTable,
  parseSeekTable,
  SEEK_FOOTER_BYTES,
  seekTableLength,
} from '../format/seek-table.ts';
import type { PlainReader } from '../tree/stream-ref.ts';
import type { RandomSource } from './parts.ts';
import { scanFrames } from './scan-frames.ts';

/** Frames kept decompressed, at least and at most: neighbours, and those that clones go back to. */
const KEPT_LEAST = 2;
const KEPT_MOST = 12;
/** Beyond it no more than the least: archives of old have frames of many MiB. */
const KEPT_BYTES = 16 << 20;
/** No frame that Dendro writes is larger; one that claims more is not believed. */
export const MAX_FRAME_PLAIN = 64 << 20;
/** What zstd makes of it at worst is hardly longer. */
const MAX_FRAME_PACKED = MAX_FRAME_PLAIN + (1 << 20);
const WINDOW_LOG_MAX = 27;

/** Of all streams of a chain together: a file in pieces lies in many of them. */
const SHARED_BYTES = 32 << 20;

/**
 * What the streams of an archive keep together: those that were not used lately are let go,
 * whichever stream they are of. Two are kept in any case.
 */
export class SharedFrames {
  readonly #most: number;
  /** By frame: what lets it go. The one that was used last is the last. */
  readonly #kept = new Map<Buffer, () => void>();
  #bytes = 0;
  #scratch = Buffer.alloc(0);

  constructor(mostBytes = SHARED_BYTES) {
    this.#most = mostBytes;
  }

  use(frame: Buffer, letGo: () => void): void {
    if (!this.#kept.delete(frame)) this.#bytes += frame.length;
    this.#kept.set(frame, letGo);
    for (const [oldest, release] of this.#kept) {
      if (this.#kept.size <= KEPT_LEAST || this.#bytes <= this.#most) break;
      this.forget(oldest);
      release();
    }
  }

  /** Room for what is read and used up at once. */
  scratch(length: number): Buffer {
    if (length > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(length);
    return this.#scratch;
  }

  forget(frame: Buffer): void {
    if (this.#kept.delete(frame)) this.#bytes -= frame.length;
  }
}

/** The plain bytes of a seekable zstd file, at any place; only the frames needed are read. */
export class FrameReader implements PlainReader {
  readonly table: FrameTable;
  readonly #source: RandomSource;
  readonly #name: string;
  readonly #kept = new Map<number, Buffer>();
  readonly #keptMost: number;
  readonly #shared: SharedFrames;
  #keptBytes = 0;

  /**
   * Without a table that can be believed the frames are looked up one after another.
   * @param name of the file, for errors.
   * @param keptBytes of frames, decompressed; two are kept as long as `shared` has room
   */
  constructor(
    source: RandomSource,
    name: string,
    keptBytes = KEPT_BYTES,
    shared = new SharedFrames(),
  ) {
    this.#keptMost = keptBytes;
    this.#shared = shared;
    this.#source = source;
    this.#name = printable(name);
    this.table = readTable(source) ?? this.#scanned();
  }

  get size(): number {
    return this.table.plainLength;
  }

  read(at: number, length: number): Buffer {
    const first = this.readSome(at, length);
    if (first.length >= length) return first;
    const parts = [first];
    for (let done = first.length; done < length; done += parts.at(-1)!.length) {
      parts.push(this.readSome(at + done, length - done));
    }
    return Buffer.concat(parts);
  }

  readSome(at: number, length: number): Buffer {
    if (at + length > this.size)
      throw this.#damaged('stream-too-short', 'is too short', this.#source.size);
    const index = this.table.find(at);
    const within = at - this.table.plainAt[index]!;
    return this.frame(index).subarray(within, within + length);
  }

  /** A whole frame, decompressed. @throws Corrupt 'bit-rot' */
  frame(index: number): Buffer {
    const known = this.#kept.get(index);
    if (known !== undefined) {
      this.#kept.delete(index);
      this.#keep(index, known);
      return known;
    }
    const plain = this.#decompress(index);
    this.#keptBytes += plain.length;
    this.#keep(index, plain);
    for (const oldest of this.#kept.keys()) {
      const { size } = this.#kept;
      if (size <= KEPT_LEAST || (size <= KEPT_MOST && this.#keptBytes <= this.#keptMost)) break;
      this.#letGo(oldest);
    }
    return plain;
  }

  #keep(index: number, frame: Buffer): void {
    this.#kept.set(index, frame);
    this.#shared.use(frame, () => this.#letGo(index));
  }

  #letGo(index: number): void {
    const frame = this.#kept.get(index);
    if (frame === undefined) return;
    this.#kept.delete(index);
    this.#keptBytes -= frame.length;
    this.#shared.forget(frame);
  }

  close(): void {
    for (const index of [...this.#kept.keys()]) this.#letGo(index);
    this.#source.close();
  }

  #decompress(index: number): Buffer {
    const { at, plainAt } = this.table;
    const [start, end] = [at[index]!, at[index + 1]!];
    const length = plainAt[index + 1]! - plainAt[index]!;
    if (length > MAX_FRAME_PLAIN || end - start > MAX_FRAME_PACKED)
      throw this.#damaged('bit-rot', 'has a frame that is too large', start);
    const packed = this.#source.read(start, end - start, this.#shared.scratch(end - start));
    try {
      const plain = zstdDecompressSync(packed, {
        maxOutputLength: Math.max(1, length),
        // One byte more: of a buffer that is just full zlib's code takes a second one.
        chunkSize: Math.max(64, length + 1),
        params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
      });
      if (plain.length === length) return plain;
    } catch (cause) {
      throw this.#damaged('bit-rot', 'is damaged', start, cause);
    }
    throw this.#damaged('bit-rot', 'is damaged', start);
  }

  #scanned(): FrameTable {
    const table = scanFrames(this.#source);
    if (table.count > 0) return table;
    // A file that is missing says so.
    this.#source.read(0, Math.min(1, this.#source.size));
    throw this.#damaged('bit-rot', 'holds no frame of zstd that could be read', 0);
  }

  #damaged(code: string, what: string, offset: number, cause?: unknown): DendroError {
    return corrupt(code, say`The stream file "${{ path: this.#name }}" ${{ what }}.`, {
      hint: 'Take it from another copy; files whose data stands elsewhere stay readable.',
      place: { path: this.#name, offset },
      cause,
    });
  }
}

/** The table at the end of the file; undefined when there is none, or none that fits the file. */
export function readTable(source: RandomSource): FrameTable | undefined {
  if (source.size < SEEK_FOOTER_BYTES) return undefined;
  try {
    const footer = source.read(source.size - SEEK_FOOTER_BYTES, SEEK_FOOTER_BYTES);
    const length = seekTableLength(footer);
    if (length === undefined || length > source.size) return undefined;
    return parseSeekTable(source.read(source.size - length, length), source.size);
  } catch {
    return undefined;
  }
}
