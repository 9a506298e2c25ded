import { constants, zstdDecompressSync } from 'node:zlib';
import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { systemZstd } from '../../linux/system-unpackers.ts';
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

/** Frames that Dendro writes are no larger. */
const ROOM_BYTES = 1 << 20;

/** Of all streams of a chain together: a file in pieces lies in many of them. */
const SHARED_BYTES = 16 << 20;

/**
 * What the streams of an archive keep together: those that were not used lately are let go,
 * whichever stream they are of. Two are kept in any case.
 */
export class SharedFrames {
  readonly #most: number;
  /** By frame: what lets it go. The one that was used last is the last. */
  readonly #kept = new Map<Buffer, () => void>();
  #bytes = 0;
  readonly #free: Buffer[] = [];
  #scratch = Buffer.alloc(0);
  #passingRoom = Buffer.alloc(0);
  #passing:
    { readonly reader: FrameReader; readonly index: number; readonly frame: Buffer } | undefined;

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

  /** A frame that nobody keeps: as long as no other one is looked at. */
  passing(
    reader: FrameReader,
    index: number,
    length: number,
    unpack: (into: Buffer) => void,
  ): Buffer {
    if (this.#passing?.reader === reader && this.#passing.index === index)
      return this.#passing.frame;
    this.#passing = undefined;
    if (length > this.#passingRoom.length) this.#passingRoom = Buffer.allocUnsafeSlow(length);
    const frame = this.#passingRoom.subarray(0, length);
    unpack(frame);
    this.#passing = { reader, index, frame };
    return frame;
  }

  /** For a frame to be unpacked into. */
  room(length: number): Buffer {
    if (length > ROOM_BYTES) return Buffer.allocUnsafeSlow(length);
    return (this.#free.pop() ?? Buffer.allocUnsafeSlow(ROOM_BYTES)).subarray(0, length);
  }

  /** Nobody has to do with it any more: as garbage, it would lie about until V8 looks for it. */
  recycle(room: Buffer): void {
    if (room.buffer.byteLength !== ROOM_BYTES || this.#free.length >= KEPT_LEAST) return;
    this.#free.push(Buffer.from(room.buffer));
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
  /** Of those that are kept: the ones that somebody may still look at when they are let go. */
  readonly #lent = new Set<number>();

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
    const [index, within] = this.#find(at, length);
    return this.frame(index).subarray(within, within + length);
  }

  copyTo(target: Buffer, at: number, length: number): void {
    for (let done = 0; done < length;) {
      const [index, within] = this.#find(at + done, length - done);
      const part = this.#framed(index).subarray(within, within + length - done);
      target.set(part, done);
      done += part.length;
    }
  }

  passBy(at: number, length: number): Buffer {
    const [index, within] = this.#find(at, length);
    return this.passingFrame(index).subarray(within, within + length);
  }

  /** A whole frame that is not kept: borrowed until the next read of any stream. @throws Corrupt 'bit-rot' */
  passingFrame(index: number): Buffer {
    const known = this.#kept.get(index);
    if (known !== undefined) return known;
    const length = this.#lengthOf(index);
    return this.#shared.passing(this, index, length, (into) => this.#unpack(index, into));
  }

  #find(at: number, length: number): [index: number, within: number] {
    if (at + length > this.size)
      throw this.#damaged('stream-too-short', 'is too short', this.#source.size);
    const index = this.table.find(at);
    return [index, at - this.table.plainAt[index]!];
  }

  frameAt(at: number): number {
    return this.table.find(at);
  }

  /** A whole frame, decompressed. @throws Corrupt 'bit-rot' */
  frame(index: number): Buffer {
    this.#lent.add(index);
    return this.#framed(index);
  }

  #framed(index: number): Buffer {
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
    if (!this.#lent.delete(index)) this.#shared.recycle(frame);
  }

  close(): void {
    for (const index of [...this.#kept.keys()]) this.#letGo(index);
    this.#source.close();
  }

  #decompress(index: number): Buffer {
    const plain = this.#shared.room(this.#lengthOf(index));
    this.#unpack(index, plain);
    return plain;
  }

  #lengthOf(index: number): number {
    const { at, plainAt } = this.table;
    const length = plainAt[index + 1]! - plainAt[index]!;
    if (length > MAX_FRAME_PLAIN || at[index + 1]! - at[index]! > MAX_FRAME_PACKED)
      throw this.#damaged('bit-rot', 'has a frame that is too large', at[index]!);
    return length;
  }

  #unpack(index: number, into: Buffer): void {
    const { at } = this.table;
    const [start, end] = [at[index]!, at[index + 1]!];
    const packed = this.#source.read(start, end - start, this.#shared.scratch(end - start));
    // Node's own makes a context and garbage of the size of the frame each time.
    if (systemZstd()?.(packed, into) === into.length) return;
    try {
      const plain = zstdDecompressSync(packed, {
        maxOutputLength: Math.max(1, into.length),
        // One byte more: of a buffer that is just full zlib's code takes a second one.
        chunkSize: Math.max(64, into.length + 1),
        params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
      });
      if (plain.copy(into) === into.length && plain.length === into.length) return;
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
