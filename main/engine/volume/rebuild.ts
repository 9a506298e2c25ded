import { DendroError, ioError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { allocateAligned } from '../device/index.ts';
import { STRIPE_LENGTH } from '../format/constants.ts';
import { locate, type BoundChunk } from './layout.ts';
import { rebuild } from './parity.ts';

/** One stripe's worth for each stripe of the widest row seen so far, and one for the result. */
let scratch = new Uint8Array(0);

/**
 * Reads a piece, within one stripe, from what the other stripes of its row and the parity
 * say. `way` is what to distrust besides the piece's own stripe and missing devices:
 * 1 nothing, 2 P, from 3 on one more data stripe each (RAID6).
 * @throws Io `parity-insufficient`.
 */
export function readRebuilt(
  bound: BoundChunk,
  offset: number,
  length: number,
  target: Uint8Array,
  at: number,
  way: number,
): void {
  const { chunk } = bound;
  const { row } = locate(chunk, offset, 0);
  const wanted = Math.floor(offset / STRIPE_LENGTH) % chunk.dataStripes;
  const distrusted = distrustedBy(way, wanted, chunk.dataStripes);
  const parts: (Uint8Array | undefined)[] = [];
  for (let column = 0; column < chunk.stripes.length; column += 1) {
    const isWanted = column === wanted || column === distrusted;
    parts.push(
      isWanted ? undefined : readColumn(bound, column, row, offset % STRIPE_LENGTH, length),
    );
  }
  const out = target.subarray(at, at + length);
  const data = parts.slice(0, chunk.dataStripes);
  if (
    rebuild({ data, p: parts[chunk.dataStripes], q: parts[chunk.dataStripes + 1] }, wanted, out)
  ) {
    return;
  }
  throw ioError(
    'parity-insufficient',
    say`Too many stripes are lost to rebuild what is at ${{ logical: chunk.logical + offset }}.`,
    {
      hint: 'Connect the missing devices of the filesystem.',
      place: { logical: chunk.logical + offset },
    },
  );
}

/** The column (data 0, 1, ..., then P, then Q) that this way does without. */
function distrustedBy(way: number, wanted: number, dataStripes: number): number {
  if (way === 1) return -1;
  if (way === 2) return dataStripes;
  const other = way - 3;
  return other < wanted ? other : other + 1;
}

function readColumn(
  bound: BoundChunk,
  column: number,
  row: number,
  within: number,
  length: number,
): Uint8Array | undefined {
  const { chunk, members } = bound;
  const count = chunk.stripes.length;
  const stripe = (column + row) % count;
  const member = members[stripe];
  if (member === undefined || member.stale) return undefined;
  if (scratch.length < count * STRIPE_LENGTH) scratch = allocateAligned(count * STRIPE_LENGTH);
  const part = scratch.subarray(column * STRIPE_LENGTH, column * STRIPE_LENGTH + length);
  try {
    const physical = chunk.stripes[stripe]!.offset + row * STRIPE_LENGTH + within;
    member.device.read(physical, length, part, 0);
    return part;
  } catch (error) {
    if (error instanceof DendroError && error.kind === 'Io') return undefined;
    throw error;
  }
}
