import { corrupt, DendroError } from '../../../shared/errors.ts';
import { decodeExtent, MAX_EXTENT_BYTES } from '../../engine/sink/encoded-data.ts';
import { isDamage } from '../read/damage.ts';
import { batchSizes, type Pieces } from './frame-order.ts';
import type { ContentVersion, DataRun, EncodedPiece } from './inode.ts';
import { proven, ZEROS } from './proof.ts';
import type { ContentResolver } from './resolve.ts';
import type { Segment } from './segments.ts';
import type { StreamRef } from './stream-ref.ts';
import { shown } from './tree.ts';

/** A stretch of a file's data; between two of them, and behind the last, is zeros. */
export interface Chunk {
  readonly offset: number;
  /** Borrowed until the next one. */
  readonly data: Uint8Array;
}

/** Where a stretch of data stands: nothing else stands there. */
export interface Origin {
  readonly stream: StreamRef;
  /** Whether it is of what an encoded piece decodes to. */
  readonly isEncoded: boolean;
  /** In the plain stream; of an encoded piece, where that begins. */
  readonly place: number;
  /** In what the piece decodes to. */
  readonly within: number;
}

export interface PlacedChunk extends Chunk {
  readonly origin: Origin;
}

/** Much of a large file at a time, little enough to be cancelled between. */
const MAX_CHUNK = 1 << 20;

/**
 * The data of a file between two offsets, in order, out of whatever streams hold it.
 * @throws Corrupt 'data-missing' where the stream was made without its data; Corrupt, Io of
 * the stream files, which name them.
 */
export function* readContent(
  version: ContentVersion,
  resolver: ContentResolver,
  start = 0,
  end = version.size,
): Generator<Chunk> {
  for (const { pieces, room } of readBatches(version, resolver, start, end)) {
    if (room !== undefined) yield* laidOut(pieces, room);
    else for (let i = 0; i < pieces.count; i += 1) yield* readPiece(pieces, i);
  }
}

/** The same, of the whole file, where what stands apart comes apart. */
function* readPlaced(version: ContentVersion, resolver: ContentResolver): Generator<PlacedChunk> {
  for (const { pieces, room } of readBatches(version, resolver, 0, version.size)) {
    let end = 0;
    for (let i = 0; i < pieces.count; i += 1) {
      const begin = end;
      end += pieces.length[i]!;
      const offset = pieces.offset[i]!;
      if (room !== undefined) {
        yield { offset, data: room.subarray(begin, end), origin: originOf(pieces, i, 0) };
        continue;
      }
      for (const chunk of readPiece(pieces, i)) {
        yield { ...chunk, origin: originOf(pieces, i, chunk.offset - offset) };
      }
    }
  }
}

function originOf(pieces: Pieces, i: number, from: number): Origin {
  const op = pieces.encoded(i);
  const stream = pieces.streamOf(i);
  const at = pieces.at[i]! + from;
  if (op === undefined) return { stream, isEncoded: false, place: at, within: 0 };
  return { stream, isEncoded: true, place: op.at, within: op.wholeOffset + at };
}

interface Batch {
  /** Borrowed until the next one. */
  readonly pieces: Pieces;
  /** All that they hold, one behind the other, where it was read beforehand. */
  readonly room?: Buffer;
}

function* readBatches(
  version: ContentVersion,
  resolver: ContentResolver,
  start: number,
  end: number,
): Generator<Batch> {
  const last = Math.min(end, version.size);
  const segments = resolver.segments(version).within(start, last);
  const pieces = resolver.pool.take();
  try {
    for (const batch of collected(segments, resolver, pieces)) {
      const order = batch.inFrameOrder();
      const isThere = order !== undefined && gathered(batch, order);
      yield isThere ? { pieces: batch, room: batch.room } : { pieces: batch };
    }
  } finally {
    resolver.pool.giveBack(pieces);
  }
}

/** @throws Corrupt 'data-missing' behind what comes before it */
function* collected(
  segments: Iterable<Segment>,
  resolver: ContentResolver,
  pieces: Pieces,
): Generator<Pieces> {
  const sizes = batchSizes();
  let most = sizes.next().value;
  const isFull = (length: number): boolean => !pieces.hasRoomFor(length, most);
  for (const segment of segments) {
    const op = resolver.opOf(segment);
    if (op === 'missing') {
      if (pieces.count > 0) yield pieces;
      throw missing();
    }
    const { start, end, shift } = segment;
    for (let at = start; at < end;) {
      const within = at - shift - op.offset;
      const length = op.kind === 'encoded' ? end - at : dataLength(op, within, end - at);
      if (isFull(length)) {
        yield pieces;
        pieces.clear();
        most = sizes.next().value;
      }
      pieces.add(at, length, op.kind === 'encoded' ? within : placeOf(op, within), op);
      at += length;
    }
  }
  if (pieces.count > 0) yield pieces;
}

function dataLength(op: DataRun, within: number, most: number): number {
  return Math.min(most, MAX_CHUNK, pieceRest(op, within));
}

function placeOf(op: DataRun, within: number): number {
  return op.at + Math.floor(within / op.chunk) * op.stride + (within % op.chunk);
}

/** Borrowed until the next one. */
function* readPiece(pieces: Pieces, i: number): Generator<Chunk> {
  const [offset, length, at] = [pieces.offset[i]!, pieces.length[i]!, pieces.at[i]!];
  const op = pieces.encoded(i);
  if (op !== undefined) {
    yield { offset, data: decoded(op, packedData(op, pieces)).slice(at, at + length) };
    return;
  }
  // A copy: two files may be read in turns, and a frame that nobody looks at is used again.
  const data = pieces.scratch(length);
  pieces.streamOf(i).plain.copyTo(data, at, length);
  yield { offset, data };
}

function packedData({ stream, at, dataLength }: EncodedPiece, pieces: Pieces): Uint8Array {
  // What claims more is no extent, and is not to be made room for.
  if (dataLength > MAX_EXTENT_BYTES) return stream.plain.read(at, dataLength);
  const data = pieces.scratch(dataLength);
  stream.plain.copyTo(data, at, dataLength);
  return data;
}

/** Whether all of them are there; if not, who reads them in the order of the file meets the damage. */
function gathered(pieces: Pieces, order: Uint32Array): boolean {
  const { room, count } = pieces;
  const places = new Float64Array(count);
  for (let i = 1; i < count; i += 1) places[i] = places[i - 1]! + pieces.length[i - 1]!;
  try {
    let last: EncodedPiece | undefined;
    let decodedLast: Uint8Array = room;
    for (const i of order) {
      const [at, length, to] = [pieces.at[i]!, pieces.length[i]!, places[i]!];
      const op = pieces.encoded(i);
      if (op !== undefined) {
        const isSame = last?.at === op.at && last.stream === op.stream;
        if (!isSame) decodedLast = decoded(op, passedBy(op));
        last = op;
        room.set(decodedLast.subarray(at, at + length), to);
        continue;
      }
      last = undefined;
      const { plain } = pieces.streamOf(i);
      for (let done = 0; done < length;) {
        const data = plain.passBy(at + done, length - done);
        room.set(data, to + done);
        done += data.length;
      }
    }
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

/** Neighbours together: there may be very many. */
function* laidOut(pieces: Pieces, room: Buffer): Generator<Chunk> {
  let begin = 0;
  let end = 0;
  let offset = pieces.offset[0]!;
  for (let i = 0; i < pieces.count; i += 1) {
    const [next, length] = [pieces.offset[i]!, pieces.length[i]!];
    const isNext = next === offset + end - begin;
    if (!isNext || end - begin + length > MAX_CHUNK) {
      if (end > begin) yield { offset, data: room.subarray(begin, end) };
      begin = end;
      offset = next;
    }
    end += length;
  }
  if (end > begin) yield { offset, data: room.subarray(begin, end) };
}

function pieceRest(op: DataRun, within: number): number {
  return op.stride === 0 ? op.length - within : op.chunk - (within % op.chunk);
}

function passedBy({ stream, at, dataLength }: EncodedPiece): Uint8Array {
  const data = stream.plain.passBy(at, dataLength);
  return data.length === dataLength ? data : stream.plain.read(at, dataLength);
}

/** Good until the next one is decoded. */
function decoded(op: EncodedPiece, data: Uint8Array): Uint8Array {
  return decodeExtent({
    offset: op.offset,
    unencodedFileLength: op.length,
    unencodedLength: op.wholeLength,
    unencodedOffset: op.wholeOffset,
    compression: op.compression,
    encryption: op.encryption,
    data,
  });
}

function missing(): DendroError {
  return corrupt('data-missing', 'The stream was made without file data (--no-data).', {
    hint: 'Only names and properties can be restored from it.',
  });
}

/** Bytes of a file that stand nowhere: they are zeros. */
export function holesOf(version: ContentVersion, resolver: ContentResolver): number {
  let data = 0;
  for (const { start, end } of resolver.segments(version).within(0, version.size)) {
    data += end - start;
  }
  return version.size - data;
}

/** Holes that are hashed to prove a file; its data has no limit, and pays for as many again. */
const MAX_PROVEN_HOLES = 1 << 30;

/**
 * The same with the path of the file in the error's place. A file that is read whole, and has a
 * hash, is proven by it: what was yielded is right when nothing is thrown.
 * @throws Corrupt 'content-hash' behind the last chunk
 */
export function* readNamed(
  path: string,
  version: ContentVersion,
  resolver: ContentResolver,
  start = 0,
  end = version.size,
): Generator<Chunk> {
  try {
    const chunks = readContent(version, resolver, start, end);
    const isWhole = start === 0 && end >= version.size;
    const sha256 = isWhole ? provableHash(version, resolver) : undefined;
    if (sha256 === undefined) yield* chunks;
    else yield* proven(chunks, { path, size: version.size, sha256 });
  } catch (error) {
    throw withPath(error, path);
  }
}

/** The hash is that of the newest version; of a file that is nearly all holes it costs too much. */
function provableHash(version: ContentVersion, resolver: ContentResolver): Buffer | undefined {
  const { inode, count, size } = version;
  const { sha256 } = inode;
  if (sha256 === undefined || inode.version.count !== count) return undefined;
  const holes = holesOf(version, resolver);
  return holes <= size - holes + MAX_PROVEN_HOLES ? sha256 : undefined;
}

/** The data of a whole file with where it stands; proven as by `readNamed`. @throws as that */
export function* readNamedPlaced(
  path: string,
  version: ContentVersion,
  resolver: ContentResolver,
): Generator<PlacedChunk> {
  try {
    const chunks = readPlaced(version, resolver);
    const sha256 = provableHash(version, resolver);
    if (sha256 === undefined) yield* chunks;
    else yield* proven(chunks, { path, size: version.size, sha256 });
  } catch (error) {
    throw withPath(error, path);
  }
}

/** Every byte of a file in order, holes as zeros; borrowed until the next ones. @throws as `readNamed` */
export function* wholeContent(
  path: string,
  version: ContentVersion,
  resolver: ContentResolver,
): Generator<Uint8Array> {
  let at = 0;
  for (const { offset, data } of readNamed(path, version, resolver)) {
    yield* zeros(offset - at);
    yield data;
    at = offset + data.length;
  }
  yield* zeros(version.size - at);
}

function* zeros(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= ZEROS.length) {
    yield left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS;
  }
}

function withPath(error: unknown, path: string): unknown {
  if (!(error instanceof DendroError)) return error;
  const { kind, code, message, hint, place, values } = error;
  return new DendroError(kind, code, message, {
    hint,
    place: { ...place, path: shown(path) },
    values,
    cause: error,
  });
}
