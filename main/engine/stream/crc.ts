import { crc32c } from '@node-rs/crc32';
import type { SectorSums } from './command-sink.ts';

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

const SECTOR = 4096;
let shift: Int32Array | undefined;

/**
 * The register after `length` more bytes, whole sectors of which the checksums are known. A register
 * over A and B is the one over A, moved on by as many zero bytes as B has, xor the one over B.
 */
export function appendSectors(register: number, { bytes, at }: SectorSums, length: number): number {
  const table = (shift ??= makeShift());
  let crc = register;
  for (let from = at; from < at + (length / SECTOR) * 4; from += 4) {
    const sum =
      bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24);
    // the sum was begun with ones and inverted: ~sum is the register, and the ones move on, too
    crc = movedOn(table, ~crc) ^ ~sum;
  }
  return crc;
}

function movedOn(table: Int32Array, crc: number): number {
  return (
    table[crc & 255]! ^
    table[256 + ((crc >>> 8) & 255)]! ^
    table[512 + ((crc >>> 16) & 255)]! ^
    table[768 + (crc >>> 24)]!
  );
}

/** Four tables of 256: what each byte of a register becomes after a sector of zero bytes. */
function makeShift(): Int32Array {
  const table = new Int32Array(4 * 256);
  for (let bit = 0; bit < 32; bit++) {
    let crc = 1 << bit;
    for (let i = 0; i < SECTOR; i++) crc = (crc >>> 8) ^ TABLE[crc & 255]!;
    table[256 * (bit >> 3) + (1 << (bit & 7))] = crc;
  }
  for (let byte = 0; byte < 4; byte++) {
    for (let value = 1; value < 256; value++) {
      const low = value & -value;
      if (low === value) continue;
      table[256 * byte + value] = table[256 * byte + low]! ^ table[256 * byte + (value ^ low)]!;
    }
  }
  return table;
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
