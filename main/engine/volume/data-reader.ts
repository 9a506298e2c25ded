import { corrupt, DendroError } from '../../../shared/errors.ts';
import { noted, say } from '../../../shared/said.ts';
import { KEY, MAX_NODE_SIZE, OBJECT } from '../format/constants.ts';
import { checkCopies } from './check-copies.ts';
import type { Checksum } from './checksum.ts';
import type { ChunkReader, Place } from './chunk-reader.ts';
import type { Cursor } from './cursor.ts';
import type { Damage } from './damage.ts';
import { NearbyData } from './nearby-data.ts';

/** Whether the bytes were held against checksums, or had none. */
export type DataCheck = 'verified' | 'unverified';

/**
 * File data by logical address, each sector held against the checksum tree of the same
 * generation, healed from other copies where it fails.
 */
export class DataReader {
  readonly #chunks: ChunkReader;
  readonly #cursor: Cursor | undefined;
  readonly #checksum: Checksum;
  readonly #sectorSize: number;
  readonly #scratch: Uint8Array;
  readonly #nearby: NearbyData;
  readonly #onDamage: (damage: Damage) => void;
  /** The checksum item at the cursor: the addresses it covers. */
  #from = 0;
  #to = 0;

  /** @param cursor over the checksum tree, one that does not recover; undefined: no such tree. */
  constructor(
    chunks: ChunkReader,
    cursor: Cursor | undefined,
    checksum: Checksum,
    sectorSize: number,
    scratch: Uint8Array,
    onDamage: (damage: Damage) => void,
  ) {
    this.#chunks = chunks;
    this.#nearby = new NearbyData(chunks);
    this.#cursor = cursor;
    this.#checksum = checksum;
    this.#sectorSize = sectorSize;
    this.#scratch = scratch.subarray(0, MAX_NODE_SIZE);
    this.#onDamage = onDamage;
  }

  /**
   * Fills `target`; address and length in whole sectors.
   * @throws Corrupt `data-damaged`, `checksum-missing`; Io.
   */
  read(logical: number, length: number, target: Uint8Array, at: number): DataCheck {
    const isHere = this.#nearby.take(logical, length, target, at);
    if (isHere && this.#isGood(logical, length, target, at)) return 'verified';
    this.#chunks.read(logical, length, target, at);
    return this.check(logical, length, target, at);
  }

  close(): void {
    this.#nearby.close();
  }

  /** As `check`, but what is not good is neither healed nor told of. */
  #isGood(logical: number, length: number, target: Uint8Array, at: number): boolean {
    const size = this.#sectorSize;
    for (let done = 0; done < length; done += size) {
      if (!this.#findChecksums(logical + done)) return false;
      const { node, dataStart } = this.#cursor!;
      const sector = target.subarray(at + done, at + done + size);
      const stored = dataStart + this.#indexOf(logical + done);
      if (!this.#checksum.matches(sector, node.bytes, stored)) return false;
    }
    return true;
  }

  /** The second half of `read`: for what was read already, together with its neighbours. */
  check(logical: number, length: number, target: Uint8Array, at: number): DataCheck {
    for (let done = 0; done < length;) {
      if (!this.#findChecksums(logical + done)) throw noChecksum(logical + done);
      const end = Math.min(length, this.#to - logical);
      this.#verify(logical, done, end, target, at);
      done = end;
    }
    return 'verified';
  }

  /** The stored checksums, side by side; false: not all are there. @throws Corrupt, Io */
  copySums(logical: number, length: number, into: Uint8Array): boolean {
    const size = this.#checksum.sizeBytes;
    for (let done = 0; done < length;) {
      if (!this.#findChecksums(logical + done)) return false;
      const end = Math.min(length, this.#to - logical);
      const { node, dataStart } = this.#cursor!;
      const from = dataStart + this.#indexOf(logical + done);
      const count = (end - done) / this.#sectorSize;
      into.set(node.bytes.subarray(from, from + count * size), (done / this.#sectorSize) * size);
      done = end;
    }
    return true;
  }

  /**
   * Looks at every copy of a range that has checksums; `buffer` holds it. See `checkCopies`.
   * @throws Corrupt `checksum-missing`, Io only when the chunk map is at fault.
   */
  checkCopies(logical: number, length: number, buffer: Uint8Array): Damage[] {
    const found: Damage[] = [];
    for (let done = 0; done < length;) {
      if (!this.#findChecksums(logical + done)) throw noChecksum(logical + done);
      const piece = Math.min(length, this.#to - logical) - done;
      const size = Math.min(piece, this.#chunks.contiguous(logical + done));
      const { node, dataStart } = this.#cursor!;
      const sums = { bytes: node.bytes, at: dataStart + this.#indexOf(logical + done) };
      const work = { chunks: this.#chunks, checksum: this.#checksum, sectorSize: this.#sectorSize };
      found.push(...checkCopies(work, logical + done, size, buffer, sums));
      done += size;
    }
    return found;
  }

  #verify(logical: number, from: number, to: number, target: Uint8Array, at: number): void {
    const { node, dataStart } = this.#cursor!;
    const size = this.#sectorSize;
    const checksum = this.#checksum;
    let stored = dataStart + this.#indexOf(logical + from);
    for (let done = from; done < to; done += size, stored += checksum.sizeBytes) {
      const sector = target.subarray(at + done, at + done + size);
      if (checksum.matches(sector, node.bytes, stored)) continue;
      this.#heal(logical + done, sector, node.bytes, stored);
    }
  }

  /** Where in the item at the cursor the checksum of a sector stands. */
  #indexOf(logical: number): number {
    return ((logical - this.#from) / this.#sectorSize) * this.#checksum.sizeBytes;
  }

  #heal(logical: number, sector: Uint8Array, stored: Uint8Array, storedAt: number): void {
    const copy = this.#scratch.subarray(0, sector.length);
    const bad: { place: Place; reason: string }[] = [];
    const ways = this.#chunks.wayCount(logical);
    for (let rank = 0; rank < ways; rank += 1) {
      const place = this.#chunks.place(logical, rank);
      const reason = this.#tryWay(logical, copy, rank, stored, storedAt);
      if (reason === undefined) {
        sector.set(copy);
        this.#report(logical, sector.length, bad, place);
        return;
      }
      bad.push({ place, reason });
    }
    throw damaged(logical, bad);
  }

  #tryWay(
    logical: number,
    copy: Uint8Array,
    rank: number,
    stored: Uint8Array,
    storedAt: number,
  ): string | undefined {
    try {
      this.#chunks.readWay(logical, copy.length, copy, 0, rank);
    } catch (error) {
      if (error instanceof DendroError && error.kind !== 'Bug') return error.code;
      throw error;
    }
    return this.#checksum.matches(copy, stored, storedAt) ? undefined : 'checksum';
  }

  #report(
    logical: number,
    lengthBytes: number,
    bad: readonly { place: Place; reason: string }[],
    good: Place,
  ): void {
    for (const { place, reason } of bad) {
      // a rebuild that fails does not say which of the row's stripes is at fault
      if (place.by === 'parity') continue;
      this.#onDamage({
        what: 'data',
        reason,
        device: place.device,
        physical: place.physical,
        logical,
        lengthBytes,
        healedBy: good.by,
        goodDevice: good.device,
        goodPhysical: good.physical,
      });
    }
  }

  /** Puts the cursor on the item that holds the checksum of the sector at `logical`. */
  #findChecksums(logical: number): boolean {
    if (logical >= this.#from && logical < this.#to) return true;
    const cursor = this.#cursor;
    if (cursor === undefined) return false;
    const isNext = logical === this.#to && cursor.valid && cursor.next() && this.#load(logical);
    if (isNext) return true;
    this.#to = 0;
    return cursor.seekLast(OBJECT.checksum, KEY.extentCsum, logical) && this.#load(logical);
  }

  #load(logical: number): boolean {
    const cursor = this.#cursor!;
    this.#from = this.#to = 0;
    if (cursor.objectId !== OBJECT.checksum || cursor.type !== KEY.extentCsum) return false;
    const from = cursor.offset;
    const to = from + Math.floor(cursor.dataSize / this.#checksum.sizeBytes) * this.#sectorSize;
    if (logical < from || logical >= to || (logical - from) % this.#sectorSize !== 0) return false;
    this.#from = from;
    this.#to = to;
    return true;
  }
}

function noChecksum(logical: number): DendroError {
  return corrupt(
    'checksum-missing',
    say`The data at ${{ logical }} has no checksum though it should.`,
    {
      hint: 'The checksum tree is damaged; dendro rescue copies such files out unverified.',
      place: { logical },
    },
  );
}

function damaged(logical: number, bad: readonly { place: Place; reason: string }[]): DendroError {
  const first = bad[0]?.place;
  const places = bad.map(({ place: { device, physical } }) =>
    noted('at-physical', say`${{ device }} at ${{ physical }}`),
  );
  if (places.length === 0) places.push(noted('at-logical', say`at ${{ logical }}`));
  const where = places.reduceRight((rest, one) =>
    noted('one-and-another', say`${{ first: one }}; ${{ rest }}`),
  );
  return corrupt('data-damaged', say`Data is bad in every copy (${{ where }}).`, {
    hint: 'Restore the file from a backup; dendro rescue copies out what is still good.',
    place: {
      logical,
      ...(first && { device: first.device, physical: first.physical }),
    },
  });
}
