import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { OBJECT, KEY, STRIPE_LENGTH } from '../format/constants.ts';
import { CHUNK, KEY_LAYOUT, STRIPE } from '../format/layouts.ts';
import { dataStripes, profileOf, type Profile } from './profiles.ts';

export interface Stripe {
  readonly deviceId: number;
  readonly offset: number;
  readonly deviceUuid: Uint8Array;
}
/** A range of logical addresses and where it lies. */
export interface Chunk {
  readonly logical: number;
  readonly length: number;
  /** `GROUP` bits. */
  readonly type: number;
  readonly profile: Profile;
  readonly stripes: readonly Stripe[];
  readonly dataStripes: number;
}

/** Logical addresses to chunks: binary search with the last hit first. */
export class ChunkMap {
  readonly chunks: readonly Chunk[];
  #last: Chunk | undefined;

  /** @throws Corrupt `chunks-overlap`. */
  constructor(chunks: readonly Chunk[]) {
    this.chunks = [...chunks].sort((a, b) => a.logical - b.logical);
    this.chunks.reduce((end, chunk) => {
      if (chunk.logical < end) throw bad(chunk.logical, 'overlaps the one before it');
      return chunk.logical + chunk.length;
    }, 0);
  }

  find(logical: number): Chunk | undefined {
    const last = this.#last;
    if (last !== undefined && logical >= last.logical && logical < last.logical + last.length) {
      return last;
    }
    let low = 0;
    for (let high = this.chunks.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (this.chunks[middle]!.logical <= logical) low = middle + 1;
      else high = middle;
    }
    const chunk = this.chunks[low - 1];
    if (chunk === undefined || logical >= chunk.logical + chunk.length) return undefined;
    this.#last = chunk;
    return chunk;
  }
}

/**
 * Reads one chunk item; `size` is what its container gives it.
 * @throws Corrupt `chunk-damaged`.
 */
export function parseChunk(
  view: DataView,
  at: number,
  size: number,
  logical: number,
  sectorSize: number,
): Chunk {
  if (size < CHUNK.size + STRIPE.size) throw bad(logical, 'is too short');
  const raw = numbersIn(logical, () => CHUNK.read(view, at));
  const count = raw.stripeCount;
  const profile = profileOf(raw.type);
  if (size < CHUNK.size + count * STRIPE.size) throw bad(logical, 'has more stripes than room');
  if (profile === undefined || count < profile.minStripes)
    throw bad(logical, 'has no valid profile');
  if (profile.layout === 'mirrored' && count !== profile.copies) {
    throw bad(logical, `has ${count} stripes as ${profile.name}`);
  }
  if (profile.layout === 'striped-mirrors' && (raw.subStripes !== 2 || count % 2 !== 0)) {
    throw bad(logical, 'has an odd number of mirrors');
  }
  if (raw.stripeLength !== STRIPE_LENGTH) throw bad(logical, 'has an unknown stripe length');
  const aligned = logical % sectorSize === 0 && raw.length % sectorSize === 0;
  if (
    !aligned ||
    raw.length <= 0 ||
    logical < 0 ||
    logical + raw.length > Number.MAX_SAFE_INTEGER
  ) {
    throw bad(logical, 'has an impossible length');
  }
  const stripes = Array.from({ length: count }, (_, i) =>
    numbersIn(logical, () => STRIPE.read(view, at + CHUNK.size + i * STRIPE.size)),
  ).map((stripe) => ({ ...stripe, deviceUuid: Uint8Array.from(stripe.deviceUuid) }));
  if (stripes.some(({ offset }) => offset < 0)) throw bad(logical, 'lies at a negative offset');
  return {
    logical,
    length: raw.length,
    type: Number(raw.type & 0xffffn),
    profile,
    stripes,
    dataStripes: dataStripes(profile, count),
  };
}

/**
 * The superblock's own list of system chunks: `key, chunk, stripes` one after the other.
 * @throws Corrupt.
 */
export function parseSystemChunks(bytes: Uint8Array, size: number, sectorSize: number): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  const chunks: Chunk[] = [];
  for (let at = 0; at < size;) {
    if (at + KEY_LAYOUT.size + CHUNK.size > size) throw bad(0, 'of the superblock is cut short');
    const key = KEY_LAYOUT.read(view, at);
    if (key.objectId !== OBJECT.firstChunk || key.type !== KEY.chunkItem) {
      throw bad(0, 'of the superblock has a wrong key');
    }
    at += KEY_LAYOUT.size;
    const chunk = parseChunk(view, at, size - at, key.offset, sectorSize);
    chunks.push(chunk);
    at += CHUNK.size + chunk.stripes.length * STRIPE.size;
  }
  return chunks;
}

function numbersIn<T>(logical: number, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw bad(logical, 'has an impossible number', cause);
  }
}

function bad(logical: number, why: string, cause?: unknown): Error {
  return corrupt('chunk-damaged', say`The chunk at ${{ logical }} ${{ why }}.`, {
    hint: 'Try dendro rescue on the device.',
    place: { logical },
    cause,
  });
}
