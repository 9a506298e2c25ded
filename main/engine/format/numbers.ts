import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';

const HIGH = 0x1_0000_0000;

/**
 * A little-endian 64-bit word as a number. Words from 2^64 - 2^53 up read as negatives
 * (2^64 - 9 is -9: btrfs numbers its special trees and objects that way).
 * @throws Corrupt `number-too-large` for anything between 2^53 and that.
 */
export function readU64(view: DataView, at: number): number {
  const high = view.getInt32(at + 4, true);
  if (high < -0x200000 || high > 0x1fffff) throw tooLarge(view, at);
  return high * HIGH + view.getUint32(at, true);
}

/**
 * A length in whole sectors. A hole may have 2^63 bytes; multiples of 4,096 are exact up to there.
 */
export function readSectors(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * HIGH + view.getUint32(at, true);
}

export function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0 === value ? value : low32(value), true);
  view.setInt32(at + 4, Math.floor(value / HIGH), true);
}

/** The low 32 bits of a signed 64-bit number below 2^53, unsigned. */
export function low32(value: number): number {
  return value - Math.floor(value / HIGH) * HIGH;
}

/** The high 32 bits of a signed 64-bit number below 2^53, unsigned. */
export function high32(value: number): number {
  return Math.floor(value / HIGH) >>> 0;
}

function tooLarge(view: DataView, at: number): Error {
  const value = view.getBigUint64(at, true);
  return corrupt('number-too-large', say`The number ${{ value }} is too large to be true.`, {
    hint: 'The metadata is damaged; try another copy or dendro rescue.',
  });
}
