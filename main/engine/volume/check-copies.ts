import { DendroError } from '../../../shared/errors.ts';
import type { Checksum } from './checksum.ts';
import type { ChunkReader, Place } from './chunk-reader.ts';
import type { Damage } from './damage.ts';

interface Work {
  readonly chunks: ChunkReader;
  readonly checksum: Checksum;
  readonly sectorSize: number;
}

/** A sector of a copy. */
interface Bad {
  readonly index: number;
  readonly place: Place;
  readonly reason: string;
}

/**
 * Holds every copy of a range against its checksums; the range lies side by side on each
 * device. Sectors side by side that are bad in the same way are one report. What is said of a
 * bad copy has `healedBy` only if all of it is good elsewhere. Parity that does not give the
 * good data has the reason `parity`: it, or another stripe of its row, is bad.
 * @param buffer memory for the range.
 * @param sums the checksums, from `at` on.
 */
export function checkCopies(
  work: Work,
  logical: number,
  length: number,
  buffer: Uint8Array,
  sums: { readonly bytes: Uint8Array; readonly at: number },
): Damage[] {
  const { chunks, sectorSize, checksum } = work;
  const good: (Place | undefined)[] = new Array<undefined>(length / sectorSize).fill(undefined);
  const bad: Bad[] = [];
  const ways = chunks.wayCount(logical);
  const copies = chunks.copyCount(logical);
  for (let rank = 0; rank < ways && (rank < copies || good.includes(undefined)); rank += 1) {
    const first = chunks.place(logical, rank);
    const failure = failureOf(chunks, logical, length, buffer, rank);
    for (let index = 0, at = 0; at < length; index += 1, at += sectorSize) {
      const sector = buffer.subarray(at, at + sectorSize);
      const stored = sums.at + index * checksum.sizeBytes;
      if (failure === undefined && checksum.matches(sector, sums.bytes, stored)) {
        good[index] ??= first;
      } else bad.push({ index, place: first, reason: failure ?? 'checksum' });
    }
  }
  if (bad.length === 0) return [];
  const plain = chunks.plainPlace(logical);
  return merged(told(bad, good, plain), good, logical, sectorSize);
}

/** Of rebuilds that fail, only those whose data is good itself say something: of the parity. */
function told(bad: readonly Bad[], good: readonly (Place | undefined)[], plain: Place): Bad[] {
  const all = bad.flatMap((one) => {
    if (one.place.by === 'mirror') return [one];
    return good[one.index]?.by === 'mirror' ? [{ ...one, reason: 'parity' }] : [];
  });
  const isTold = new Set(all.map(({ index }) => index));
  for (const { index, reason } of bad) {
    if (good[index] !== undefined || isTold.has(index)) continue;
    isTold.add(index);
    all.push({ index, reason, place: plain });
  }
  return all;
}

function merged(
  bad: readonly Bad[],
  good: readonly (Place | undefined)[],
  logical: number,
  sectorSize: number,
): Damage[] {
  const damages: Damage[] = [];
  let before: Bad | undefined;
  for (const one of bad) {
    const { index, place, reason } = one;
    const from = good[index];
    const goesOn =
      before?.index === index - 1 &&
      before.place === place &&
      before.reason === reason &&
      good[before.index] === from;
    before = one;
    const last = damages.at(-1);
    if (goesOn && last !== undefined) {
      damages[damages.length - 1] = { ...last, lengthBytes: last.lengthBytes + sectorSize };
      continue;
    }
    const at = index * sectorSize;
    damages.push({
      what: 'data',
      reason,
      device: place.device,
      physical: place.physical + at,
      logical: logical + at,
      lengthBytes: sectorSize,
      ...(from && {
        healedBy: from.by,
        goodDevice: from.device,
        goodPhysical: from.physical + at,
      }),
    });
  }
  return damages;
}

function failureOf(
  chunks: ChunkReader,
  logical: number,
  length: number,
  buffer: Uint8Array,
  rank: number,
): string | undefined {
  try {
    chunks.readWay(logical, length, buffer, 0, rank);
    return undefined;
  } catch (error) {
    if (error instanceof DendroError && error.kind === 'Io') return error.code;
    throw error;
  }
}
