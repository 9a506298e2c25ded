import { zstdDecompressSync } from 'node:zlib';
import { corrupt, type DendroError, unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { systemZlib, systemZstd, type Unpack } from '../../linux/system-unpackers.ts';
import { COMPRESSION } from '../format/constants.ts';
import {
  decompress as decompressInto,
  inflate,
  zstdFrameLength,
  zstdWindowBytes,
} from '../format/decompress.ts';
import type { EncodedWrite } from '../stream/command-sink.ts';
import { ENCODED } from '../stream/protocol.ts';

/** The kernel takes no more than 128 KiB on either side (BTRFS_MAX_COMPRESSED of the headers). */
export const MAX_EXTENT_BYTES = 128 * 1024;

/** The largest window of a zstd frame in btrfs (kernel: ZSTD_BTRFS_MAX_WINDOWLOG). */
const MAX_WINDOW_BYTES = 128 * 1024;

const scratch = new Uint8Array(MAX_EXTENT_BYTES);
const LIMITS = { maxOutputLength: MAX_EXTENT_BYTES, chunkSize: MAX_EXTENT_BYTES + 4096 };

/**
 * The bytes that an encoded write stands for: `unencodedFileLength` of them, from
 * `unencodedOffset` on. As the kernel has it, what decodes to less is filled with zeros, what
 * decodes to more is cut. They are good until the next call.
 * @throws Corrupt `encoded-data` when it does not decode.
 */
export function decodeExtent(write: EncodedWrite): Uint8Array {
  const { unencodedLength, unencodedOffset, unencodedFileLength, compression, data } = write;
  if (write.encryption !== 0) {
    throw unsupported('encrypted-extent', 'The stream holds an encrypted extent.', {
      hint: 'Send it again without --compressed-data.',
    });
  }
  if (unencodedLength > MAX_EXTENT_BYTES || data.length > MAX_EXTENT_BYTES) {
    throw bad('is larger than an extent can be');
  }
  if (unencodedOffset + unencodedFileLength > unencodedLength || unencodedLength === 0) {
    throw bad('lies outside of what it decodes to');
  }
  const decoded = decompress(compression, data, unencodedLength);
  return cut(decoded, unencodedOffset, unencodedFileLength);
}

/**
 * Whether the kernel reads back what it would store: it takes a zstd frame with a larger window
 * than its workspace has room for, and then gives EIO (6.18: from 4 MiB on). Of decodable data.
 */
export function isReadableByKernel({ compression, data }: EncodedWrite): boolean {
  return compression !== ENCODED.zstd || zstdWindowBytes(data) <= MAX_WINDOW_BYTES;
}

function decompress(compression: number, data: Uint8Array, length: number): Uint8Array {
  if (compression === ENCODED.none) {
    if (data.length !== length) throw bad('has not the length that it claims');
    return data;
  }
  if (compression === ENCODED.zlib) return unpackedZlib(data, length);
  if (compression === ENCODED.zstd) {
    const frame = zstdFrameLength(data);
    if (frame < 0) throw bad('is no zstd frame');
    return unpacked(systemZstd(), inflateZstd, data.subarray(0, frame));
  }
  if (compression >= ENCODED.lzo4k && compression <= ENCODED.lzo64k) {
    const out = scratch.subarray(0, length);
    decompressInto(COMPRESSION.lzo, data, out, 4096 << (compression - ENCODED.lzo4k));
    return out;
  }
  throw unsupported(
    'compression',
    say`The stream has data in the unknown compression ${{ compression }}.`,
  );
}

/** What the system's library refuses the kernel may read: see `inflate`. */
function unpackedZlib(data: Uint8Array, length: number): Uint8Array {
  const written = systemZlib()?.(data, scratch) ?? -1;
  if (written >= 0) return scratch.subarray(0, written);
  const decoded = inflate(data, length);
  if (decoded === undefined) throw bad('does not decompress');
  return decoded;
}

/** By the system's library; by Node where there is none. */
function unpacked(
  system: Unpack | null,
  node: (data: Uint8Array) => Uint8Array,
  data: Uint8Array,
): Uint8Array {
  if (system !== null) {
    const written = system(data, scratch);
    if (written < 0) throw bad('does not decompress');
    return scratch.subarray(0, written);
  }
  try {
    return node(data);
  } catch (error) {
    throw bad('does not decompress', error);
  }
}

const inflateZstd = (data: Uint8Array): Uint8Array => zstdDecompressSync(data, LIMITS);

function cut(decoded: Uint8Array, offset: number, length: number): Uint8Array {
  if (decoded.length >= offset + length) return decoded.subarray(offset, offset + length);
  const out = new Uint8Array(length);
  if (decoded.length > offset) out.set(decoded.subarray(offset));
  return out;
}

function bad(what: string, cause?: unknown): DendroError {
  return corrupt('encoded-data', say`A compressed extent in the stream ${{ what }}.`, {
    hint: 'Send it again; check the source with a scrub.',
    cause,
  });
}
