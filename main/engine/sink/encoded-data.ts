import { inflateSync, zstdDecompressSync } from 'node:zlib';
import { corrupt, DendroError, unsupported } from '../../../shared/errors.ts';
import { COMPRESSION } from '../format/constants.ts';
import { decompress as decompressInto, zstdFrameLength } from '../format/decompress.ts';
import type { EncodedWrite } from '../stream/command-sink.ts';
import { ENCODED } from '../stream/protocol.ts';
import { ShortLivedMemory } from './short-lived-memory.ts';

/** The kernel takes no more than 128 KiB on either side (BTRFS_MAX_COMPRESSED of the headers). */
export const MAX_EXTENT_BYTES = 128 * 1024;

/** Each extent is unpacked into fresh memory, of which the engine sees the small handle only. */
const shortLived = new ShortLivedMemory(24 << 20);
const LIMITS = { maxOutputLength: MAX_EXTENT_BYTES, chunkSize: MAX_EXTENT_BYTES + 4096 };

/**
 * The bytes that an encoded write stands for: `unencodedFileLength` of them, from
 * `unencodedOffset` on. As the kernel has it, what decodes to less is filled with zeros, what
 * decodes to more is cut. Throws Corrupt `encoded-data` when it does not decode.
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
  shortLived.added(decoded.length);
  return cut(decoded, unencodedOffset, unencodedFileLength);
}

function decompress(compression: number, data: Uint8Array, length: number): Uint8Array {
  if (compression === ENCODED.none) {
    if (data.length !== length) throw bad('has not the length that it claims');
    return data;
  }
  try {
    if (compression === ENCODED.zlib) return inflateSync(data, LIMITS);
    if (compression === ENCODED.zstd) {
      const frame = zstdFrameLength(data);
      if (frame < 0) throw bad('is no zstd frame');
      return zstdDecompressSync(data.subarray(0, frame), LIMITS);
    }
  } catch (error) {
    throw error instanceof DendroError ? error : bad('does not decompress', error);
  }
  if (compression >= ENCODED.lzo4k && compression <= ENCODED.lzo64k) {
    const out = new Uint8Array(length);
    decompressInto(COMPRESSION.lzo, data, out, 4096 << (compression - ENCODED.lzo4k));
    return out;
  }
  throw unsupported(
    'compression',
    `The stream has data in the unknown compression ${compression}.`,
  );
}

function cut(decoded: Uint8Array, offset: number, length: number): Uint8Array {
  if (decoded.length >= offset + length) return decoded.subarray(offset, offset + length);
  const out = new Uint8Array(length);
  if (decoded.length > offset) out.set(decoded.subarray(offset));
  return out;
}

function bad(what: string, cause?: unknown): DendroError {
  return corrupt('encoded-data', `A compressed extent in the stream ${what}.`, {
    hint: 'Send it again; check the source with a scrub.',
    cause,
  });
}
