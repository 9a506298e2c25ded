import { corrupt, DendroError } from '../../../shared/errors.ts';
import { decodeExtent } from '../../engine/sink/encoded-data.ts';
import type { ContentVersion, DataRun, EncodedPiece } from './inode.ts';
import { proven, ZEROS } from './proof.ts';
import type { ContentResolver } from './resolve.ts';
import type { Segment } from './segments.ts';
import { shown } from './tree.ts';

/** A stretch of a file's data; between two of them, and behind the last, is zeros. */
export interface Chunk {
  readonly offset: number;
  /** Borrowed until the next one. */
  readonly data: Uint8Array;
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
  const last = Math.min(end, version.size);
  for (const segment of resolver.segments(version).within(start, last)) {
    yield* readSegment(segment, resolver.opOf(segment));
  }
}

function* readSegment(
  { start, end, shift }: Segment,
  op: ReturnType<ContentResolver['opOf']>,
): Generator<Chunk> {
  if (op === 'missing') throw missing();
  if (op.kind === 'encoded') {
    yield {
      offset: start,
      data: decoded(op).subarray(start - shift - op.offset, end - shift - op.offset),
    };
    return;
  }
  for (let at = start; at < end;) {
    const within = at - shift - op.offset;
    const length = Math.min(end - at, MAX_CHUNK, pieceRest(op, within));
    const place = op.at + Math.floor(within / op.chunk) * op.stride + (within % op.chunk);
    const data = op.stream.plain.readSome(place, length);
    yield { offset: at, data };
    at += data.length;
  }
}

function pieceRest(op: DataRun, within: number): number {
  return op.stride === 0 ? op.length - within : op.chunk - (within % op.chunk);
}

/** A copy: two files may be read in turns. */
function decoded(op: EncodedPiece): Uint8Array {
  const plain = decodeExtent({
    offset: op.offset,
    unencodedFileLength: op.length,
    unencodedLength: op.wholeLength,
    unencodedOffset: op.wholeOffset,
    compression: op.compression,
    encryption: op.encryption,
    data: op.stream.plain.read(op.at, op.dataLength),
  });
  return plain.slice();
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

/** Every byte of a file in order, holes as zeros. @throws as `readNamed` */
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
