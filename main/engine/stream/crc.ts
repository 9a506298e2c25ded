import { crc32c } from '@node-rs/crc32';

/** Below this many bytes the table is faster than the call into native code (measured). */
const NATIVE_FROM = 384;
const POLYNOMIAL = 0x82f63b78;
const TABLE = makeTable();

/**
 * The raw CRC-32C register of `bytes[start, end)`, started at 0 and not inverted: the checksum
 * of stream commands. Signed 32 bits.
 */
export function streamChecksum(bytes: Uint8Array, start: number, end: number): number {
  if (end - start >= NATIVE_FROM) return ~crc32c(bytes.subarray(start, end), 0xffffffff);
  let crc = 0;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      TABLE[1792 + (crc & 255)]! ^
      TABLE[1536 + ((crc >>> 8) & 255)]! ^
      TABLE[1280 + ((crc >>> 16) & 255)]! ^
      TABLE[1024 + (crc >>> 24)]! ^
      TABLE[768 + bytes[at + 4]!]! ^
      TABLE[512 + bytes[at + 5]!]! ^
      TABLE[256 + bytes[at + 6]!]! ^
      TABLE[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]!) & 255]!;
  return crc;
}

/** Eight tables of 256: the register after a byte and 0..7 zero bytes behind it. */
function makeTable(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[i] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!;
    table[i] = (before >>> 8) ^ table[before & 255]!;
  }
  return table;
}
