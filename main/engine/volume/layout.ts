import { STRIPE_LENGTH } from '../format/constants.ts';
import type { Chunk } from './chunk-map.ts';
import type { Member } from './members.ts';

/**
 * A chunk with its devices. A byte can be had in several ways, each with a number: of
 * mirrors, the mirror's index; under parity, 0 is the plain read and 1, 2, ... are
 * rebuilds that distrust different stripes.
 */
export interface BoundChunk {
  readonly chunk: Chunk;
  readonly members: readonly (Member | undefined)[];
  /** Ways by group (see `groupOf`), the most trusted first. */
  readonly ways: (readonly number[] | undefined)[];
}

/** Which stripe the byte is on, and where on its device. */
export function locate(
  chunk: Chunk,
  offset: number,
  way: number,
): { stripe: number; physical: number; row: number } {
  const { layout } = chunk.profile;
  if (layout === 'mirrored') {
    return { stripe: way, physical: chunk.stripes[way]!.offset + offset, row: 0 };
  }
  const number = Math.floor(offset / STRIPE_LENGTH);
  const row = Math.floor(number / chunk.dataStripes);
  const column = number % chunk.dataStripes;
  const count = chunk.stripes.length;
  const stripe =
    layout === 'striped'
      ? column
      : layout === 'striped-mirrors'
        ? column * chunk.profile.copies + way
        : (column + row) % count; // the row rotates where data and parity stand
  const physical = chunk.stripes[stripe]!.offset + row * STRIPE_LENGTH + (offset % STRIPE_LENGTH);
  return { stripe, physical, row };
}

/** Where the P (`index` 0) or Q (1) stands that covers the byte. */
export function locateParity(
  chunk: Chunk,
  offset: number,
  index: number,
): { stripe: number; physical: number } {
  const { row } = locate(chunk, offset, 0);
  const stripe = (chunk.dataStripes + index + row) % chunk.stripes.length;
  const physical = chunk.stripes[stripe]!.offset + row * STRIPE_LENGTH + (offset % STRIPE_LENGTH);
  return { stripe, physical };
}
