import { FrameTable } from '../format/seek-table.ts';
import { isDamage } from './damage.ts';
import type { RandomSource } from './parts.ts';

const FRAME_MAGIC = 0xfd2fb528;
const HEADER_MAX = 18;
const CHECKSUM_BYTES = 4;

/**
 * Finds the frames of a zstd file by their own headers (RFC 8878, 3.1.1), without decompressing
 * them: those at its start that are all there and say how much they hold, up to what cannot be
 * read.
 */
export function scanFrames(source: RandomSource): FrameTable {
  const table = new FrameTable();
  for (;;) {
    const frame = readable(() => frameAt(source, table.length));
    if (frame === undefined) return table;
    table.add(frame.length, frame.plainLength);
  }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

function frameAt(
  source: RandomSource,
  start: number,
): { length: number; plainLength: number } | undefined {
  if (start + HEADER_MAX > source.size) return undefined;
  const header = source.read(start, HEADER_MAX);
  if (header.readUInt32LE(0) !== FRAME_MAGIC) return undefined;
  const descriptor = header[4]!;
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const sizeAt = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  if (sizeBytes === 0) return undefined;
  const plainLength = contentSize(header, sizeAt, sizeBytes);
  const blocksEnd = endOfBlocks(source, start + sizeAt + sizeBytes);
  if (blocksEnd === undefined || !Number.isSafeInteger(plainLength)) return undefined;
  const end = blocksEnd + ((descriptor & 4) !== 0 ? CHECKSUM_BYTES : 0);
  return end <= source.size ? { length: end - start, plainLength } : undefined;
}

function contentSize(header: Buffer, at: number, bytes: number): number {
  if (bytes === 1) return header[at]!;
  if (bytes === 2) return header.readUInt16LE(at) + 256;
  return bytes === 4 ? header.readUInt32LE(at) : Number(header.readBigUInt64LE(at));
}

function endOfBlocks(source: RandomSource, start: number): number | undefined {
  for (let at = start; at + 3 <= source.size;) {
    const head = source.read(at, 3).readUIntLE(0, 3);
    const isRepeated = ((head >> 1) & 3) === 1;
    at += 3 + (isRepeated ? 1 : head >> 3);
    if ((head & 1) !== 0) return at;
  }
  return undefined;
}
