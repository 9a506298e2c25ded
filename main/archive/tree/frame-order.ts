import { isDamage } from '../read/damage.ts';
import type { DataRun, EncodedPiece } from './inode.ts';
import type { StreamRef } from './stream-ref.ts';

/** Pieces that are looked at together: few at first, for who wants no more than a beginning. */
const FIRST_PIECES = 64;
const MOST_PIECES = 6 << 10;
/** Of their bytes. */
const ROOM_BYTES = 24 << 20;
/** So many frames are kept anyway. */
const FRAMES_KEPT = 8;
/** Each unpacked so often is less work than to put the pieces in order, */
const TIMES_EACH = 2;
/** where so much of each is wanted: of others more is unpacked than is read. */
const WANTED_BYTES = 1 << 19;
/** More frames than a stream can have. */
const STREAM_FACTOR = 2 ** 32;

/**
 * Stretches of a file, each of which stands together in a stream: some at a time, in the order of
 * the file. In columns: thousands of objects that live for a while grow old, and are garbage then.
 */
export class Pieces {
  count = 0;
  /** Of all. */
  bytes = 0;
  /** In the file. */
  readonly offset = new Float64Array(MOST_PIECES);
  readonly length = new Float64Array(MOST_PIECES);
  /** Where it begins: in the stream, or in what an encoded one decodes to. */
  readonly at = new Float64Array(MOST_PIECES);
  readonly #stream = new Uint32Array(MOST_PIECES);
  readonly #streams: StreamRef[] = [];
  readonly #numbers = new Map<StreamRef, number>();
  readonly #encoded = new Map<number, EncodedPiece>();
  #room: Buffer | undefined;
  #scratch = Buffer.alloc(0);

  /** Memory for all that they hold. */
  get room(): Buffer {
    return (this.#room ??= Buffer.allocUnsafeSlow(ROOM_BYTES));
  }

  /** Memory for one of them. */
  scratch(length: number): Buffer {
    if (length > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(length);
    return this.#scratch.subarray(0, length);
  }

  streamOf(i: number): StreamRef {
    return this.#streams[this.#stream[i]!]!;
  }

  encoded(i: number): EncodedPiece | undefined {
    return this.#encoded.get(i);
  }

  hasRoomFor(length: number, most: number): boolean {
    return this.count === 0 || (this.count < most && this.bytes + length <= ROOM_BYTES);
  }

  add(offset: number, length: number, at: number, op: DataRun | EncodedPiece): void {
    const i = this.count;
    let stream = this.#numbers.get(op.stream);
    if (stream === undefined) {
      stream = this.#streams.push(op.stream) - 1;
      this.#numbers.set(op.stream, stream);
    }
    this.offset[i] = offset;
    this.length[i] = length;
    this.at[i] = at;
    this.#stream[i] = stream;
    if (op.kind === 'encoded') this.#encoded.set(i, op);
    this.count += 1;
    this.bytes += length;
  }

  clear(): void {
    this.count = 0;
    this.bytes = 0;
    this.#encoded.clear();
  }

  /** No stream is held on to. */
  forget(): void {
    this.clear();
    this.#streams.length = 0;
    this.#numbers.clear();
  }

  /**
   * Their numbers by their frames. A file that was cloned or overwritten here and there has
   * neighbours in many frames, and each would be unpacked again and again. Undefined where that is
   * not so, or where a stream cannot be read: whoever reads it says why.
   */
  inFrameOrder(): Uint32Array | undefined {
    const { count } = this;
    if (count < 2 || count <= FRAMES_KEPT || !this.#isScattered()) return undefined;
    const stream = this.#stream;
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i += 1) order[i] = i;
    return order.sort((a, b) => stream[a]! - stream[b]! || this.#placeOf(a) - this.#placeOf(b));
  }

  #isScattered(): boolean {
    const distinct = new Set<number>();
    let switches = 0;
    let last = -1;
    try {
      for (let i = 0; i < this.count; i += 1) {
        const { plain } = this.streamOf(i);
        const frame = this.#stream[i]! * STREAM_FACTOR + plain.frameAt(this.#placeOf(i));
        if (frame === last) continue;
        switches += 1;
        last = frame;
        distinct.add(frame);
      }
    } catch (error) {
      if (isDamage(error)) return false;
      throw error;
    }
    if (distinct.size <= FRAMES_KEPT) return false;
    return switches > TIMES_EACH * distinct.size || this.bytes < WANTED_BYTES * distinct.size;
  }

  #placeOf(i: number): number {
    return this.#encoded.get(i)?.at ?? this.at[i]!;
  }
}

/** Their memory is used again and again: freed, it would lie about until V8 looks for it. */
export class PiecesPool {
  readonly #free: Pieces[] = [];

  take(): Pieces {
    return this.#free.pop() ?? new Pieces();
  }

  giveBack(pieces: Pieces): void {
    pieces.forget();
    this.#free.push(pieces);
  }
}

/** How many pieces come at a time: the first one or two may be all that is wanted. */
export function* batchSizes(): Generator<number, never> {
  let most = FIRST_PIECES;
  for (;;) {
    yield most;
    most = Math.min(2 * most, MOST_PIECES);
  }
}
