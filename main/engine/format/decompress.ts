import { constants, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { corrupt, unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { systemLzo, systemZlib, systemZstd } from '../../linux/system-unpackers.ts';
import { COMPRESSION } from './constants.ts';
import { decompressLzo1x } from './lzo.ts';

/** btrfs compresses at most this much at a time (kernel: BTRFS_MAX_UNCOMPRESSED). */
export const MAX_COMPRESSED_EXTENT = 128 * 1024;

/**
 * Decompresses one extent, whole: what it does not fill of `target` becomes zeros, as the
 * kernel has it. Output is bounded by `target`; a little more in the stream is left.
 *
 * @param compression COMPRESSION of the extent item.
 * @param source the extent as on disk; sectors may be padded behind the stream.
 * @param sectorSize lzo's frame depends on it.
 * @throws Corrupt `compressed-data-damaged`, Unsupported `unknown-compression`.
 */
export function decompress(
  compression: number,
  source: Uint8Array,
  target: Uint8Array,
  sectorSize: number,
): void {
  const written = run(compression, source, target, sectorSize);
  if (written < 0) {
    throw corrupt('compressed-data-damaged', 'Compressed data cannot be decompressed.', {
      hint: 'Its checksum was right: it was damaged before it was written.',
    });
  }
  target.fill(0, written);
}

function run(
  compression: number,
  source: Uint8Array,
  target: Uint8Array,
  sectorSize: number,
): number {
  switch (compression) {
    case COMPRESSION.none:
      target.set(source.subarray(0, target.length));
      return Math.min(source.length, target.length);
    case COMPRESSION.zlib:
      return unpackZlib(source, target);
    case COMPRESSION.lzo:
      return decompressLzo(source, target, sectorSize);
    case COMPRESSION.zstd:
      return unpackZstd(source, target);
    default:
      throw unsupported(
        'unknown-compression',
        say`Compression type ${{ compression }} is not known.`,
      );
  }
}

function copied(data: Uint8Array | undefined, target: Uint8Array): number {
  if (data === undefined) return -1;
  const count = Math.min(data.length, target.length);
  target.set(count === data.length ? data : data.subarray(0, count));
  return count;
}

/** Node's functions stand in, also for what holds more than the target: they say how it goes on. */
function unpackZlib(source: Uint8Array, target: Uint8Array): number {
  const written = systemZlib()?.(source, target) ?? -1;
  return written >= 0 ? written : copied(inflate(source, target.length), target);
}

function unpackZstd(source: Uint8Array, target: Uint8Array): number {
  const length = zstdFrameLength(source);
  if (length < 0) return -1;
  const frame = source.subarray(0, length);
  const written = systemZstd()?.(frame, target) ?? -1;
  return written >= 0 ? written : copied(inflateZstd(frame), target);
}

const INFLATE_OPTIONS = {
  maxOutputLength: MAX_COMPRESSED_EXTENT,
  chunkSize: MAX_COMPRESSED_EXTENT,
};

/**
 * A zlib stream with anything behind it, as the kernel has it: the checksum at its end is not looked
 * at, and one that is cut short will do if it holds what is wanted. Undefined: it is damaged.
 */
export function inflate(source: Uint8Array, wanted: number): Uint8Array | undefined {
  if (!isZlibHeader(source)) return undefined;
  const raw = source.subarray(2);
  try {
    return inflateRawSync(raw, INFLATE_OPTIONS);
  } catch {
    // it may be cut short
  }
  try {
    const part = inflateRawSync(raw, { ...INFLATE_OPTIONS, finishFlush: constants.Z_SYNC_FLUSH });
    return part.length >= wanted ? part : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 1950: deflate, without a preset dictionary. */
function isZlibHeader(source: Uint8Array): boolean {
  if (source.length < 3) return false;
  const [method, flags] = [source[0]!, source[1]!];
  return (method & 0x0f) === 8 && (flags & 0x20) === 0 && (method * 256 + flags) % 31 === 0;
}

/** Windows of btrfs have at most 2^17 bytes; a header that wants more does not get it. */
const ZSTD_OPTIONS = {
  maxOutputLength: MAX_COMPRESSED_EXTENT,
  chunkSize: MAX_COMPRESSED_EXTENT,
  params: { [constants.ZSTD_d_windowLogMax]: 18 },
};

function inflateZstd(frame: Uint8Array): Uint8Array | undefined {
  try {
    return zstdDecompressSync(frame, ZSTD_OPTIONS);
  } catch {
    return undefined;
  }
}

/**
 * Length of the zstd frame at the start (RFC 8878, section 3.1.1), to cut off the padding
 * behind it, or -1.
 */
export function zstdFrameLength(source: Uint8Array): number {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  if (source.length < 6 || view.getUint32(0, true) !== 0xfd2fb528) return -1;
  const descriptor = source[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  let at = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (;;) {
    if (at + 3 > source.length) return -1;
    const header = source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16);
    const isRepeated = ((header >> 1) & 3) === 1;
    at += 3 + (isRepeated ? 1 : header >> 3);
    if ((header & 1) !== 0) break;
  }
  at += (descriptor & 4) !== 0 ? 4 : 0;
  return at <= source.length ? at : -1;
}

/**
 * Memory that the frame at the start asks of its reader (RFC 8878, 3.1.1.1.2): its window, or its
 * whole content where that is one segment. The frame must have been measured.
 */
export function zstdWindowBytes(source: Uint8Array): number {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const descriptor = source[4]!;
  if ((descriptor & 0x20) === 0) {
    const base = 2 ** (10 + (source[5]! >> 3));
    return base + (base / 8) * (source[5]! & 7);
  }
  const at = 5 + [0, 1, 2, 4][descriptor & 3]!;
  switch (descriptor >> 6) {
    case 0:
      return source[at]!;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

/**
 * btrfs's lzo frame (kernel, fs/btrfs/lzo.c's head comment): total length u32, then
 * segments `length u32, data`, each one sector of plain data. A segment's length never
 * straddles a sector's border; it moves to the next one instead.
 */
function decompressLzo(source: Uint8Array, target: Uint8Array, sectorSize: number): number {
  if (source.length < 8) return -1;
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const total = view.getUint32(0, true);
  if (total > source.length || total < 8) return -1;
  let to = 0;
  for (let at = 4; at < total && to < target.length;) {
    const left = sectorSize - (at % sectorSize);
    if (left < 4) at += left;
    if (at + 4 > total) return to > 0 && at >= total ? to : -1;
    const length = view.getUint32(at, true);
    at += 4;
    if (length === 0 || at + length > total) return -1;
    const end = Math.min(to + sectorSize, MAX_COMPRESSED_EXTENT);
    const written = decompressSegment(source, at, at + length, target, to, end);
    if (written < 0) return -1;
    to += written;
    at += length;
  }
  return Math.min(to, target.length);
}

const segment = new Uint8Array(65536);

/** A segment that reaches past the target's end is decompressed aside and cut. */
function decompressSegment(
  source: Uint8Array,
  from: number,
  fromEnd: number,
  target: Uint8Array,
  to: number,
  toEnd: number,
): number {
  if (toEnd <= target.length) {
    const unpack = systemLzo();
    const written = unpack?.(source.subarray(from, fromEnd), target.subarray(to, toEnd)) ?? -1;
    return written >= 0 ? written : decompressLzo1x(source, from, fromEnd, target, to, toEnd);
  }
  const written = decompressLzo1x(source, from, fromEnd, segment, 0, toEnd - to);
  if (written > 0) target.set(segment.subarray(0, Math.min(written, target.length - to)), to);
  return written;
}
