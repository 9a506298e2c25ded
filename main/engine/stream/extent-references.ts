import { DendroError } from '../../../shared/errors.ts';
import { KEY, TREE } from '../format/constants.ts';
import { EXTENT_ITEM } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import { extentReferences } from '../tree/index.ts';
import type { Cursor } from '../volume/cursor.ts';
import { leafAddresses } from '../volume/leaf-addresses.ts';
import type { Volume } from '../volume/volume.ts';

/** Who refers to an extent: places in files, and leaves that show it. */
export interface References {
  /** Of each the inode and the base. */
  readonly places: readonly number[];
  readonly leaves: readonly number[];
}

/** As the kernel: an extent that is shared more often is not looked at further. */
const MAX_REFERENCES = 1024;
/** After so many look-ups in a row that led to another leaf each, more are to be expected. */
const SURE_JUMPS = 4;
/** Extents whose leaves are fetched at a time: they fit into the cache. */
const FETCHED_EXTENTS = 128;
/** References that are known ahead; an extent takes the room of `EXTENT_ROOM` of them. */
const MOST_KNOWN = 256 * 1024;
const EXTENT_ROOM = 12;

/** What the extent tree says of extents. */
export class ExtentReferences {
  readonly #volume: Volume;
  readonly #fewest: number;
  #cursor: Cursor | undefined;
  readonly #known = new Map<number, References | undefined>();
  #room = MOST_KNOWN;
  /** The leaf of the last look-up, and so many that were in another leaf than the one before. */
  #leaf = -1;
  #jumps = 0;

  /** @param fewest an extent with fewer references is left out. */
  constructor(volume: Volume, fewest: number) {
    this.#volume = volume;
    this.#fewest = fewest;
  }

  /** Before the first use, and when blocks may have moved. */
  begin(): void {
    const isThere = this.#volume.root(TREE.extent) !== undefined;
    this.#cursor = isThere ? this.#volume.cursor(TREE.extent) : undefined;
    this.#forget();
  }

  /** Extents are asked for in no order of address: it pays to look ahead. */
  get isScattered(): boolean {
    return this.#jumps >= SURE_JUMPS;
  }

  has(extent: number): boolean {
    return this.#known.has(extent);
  }

  /** Undefined for an extent with too few, or that the tree does not know. @throws Corrupt, Io. */
  of(extent: number): References | undefined {
    return this.#known.has(extent) ? this.#known.get(extent) : this.#read(extent);
  }

  /**
   * These will be asked for, in any order: read in the order in which they stand in the tree, many
   * leaves at a time, unless they are known from before. One that cannot be read is told of when
   * it is asked for.
   */
  lookAhead(extents: readonly number[]): void {
    if (this.#cursor === undefined) return;
    const { root } = this.#cursor;
    const unknown = new Set(extents.filter((extent) => !this.#known.has(extent)));
    if (unknown.size * EXTENT_ROOM > this.#room) {
      this.#forget();
      for (const extent of extents) unknown.add(extent);
    }
    const inOrder = Float64Array.from(unknown).sort();
    for (let from = 0; from < inOrder.length && this.#room > 0; from += FETCHED_EXTENTS) {
      const some = [...inOrder.subarray(from, from + FETCHED_EXTENTS)];
      this.#volume.fetch(leafAddresses(this.#volume, root, some, KEY.extentItem));
      for (const extent of some) this.#room -= this.#know(extent);
    }
  }

  #forget(): void {
    this.#known.clear();
    this.#room = MOST_KNOWN;
  }

  #know(extent: number): number {
    try {
      const references = this.#read(extent);
      this.#known.set(extent, references);
      return EXTENT_ROOM + (references?.leaves.length ?? 0) + (references?.places.length ?? 0) / 2;
    } catch (error) {
      if (error instanceof DendroError && error.kind === 'Corrupt') return 0;
      throw error;
    }
  }

  #read(extent: number): References | undefined {
    const cursor = this.#cursor;
    if (cursor === undefined) return undefined;
    const isThere = cursor.seek(extent, KEY.extentItem, 0);
    this.#countJump(cursor);
    if (!isThere || cursor.objectId !== extent || cursor.type !== KEY.extentItem) return undefined;
    if (cursor.dataSize < EXTENT_ITEM.size) return undefined;
    if (readU64(cursor.node.view, cursor.dataStart) < this.#fewest) return undefined;
    const [places, leaves]: [number[], number[]] = [[], []];
    for (const reference of extentReferences(this.#volume, extent)) {
      if (places.length / 2 + leaves.length === MAX_REFERENCES) break;
      if (reference.kind === 'shared') leaves.push(reference.parent);
      else {
        const base = Number(BigInt.asIntN(64, reference.offset));
        places.push(reference.inode, base);
      }
    }
    // An array that grew has room for more.
    return { places: places.slice(), leaves };
  }

  #countJump({ valid, node }: Cursor): void {
    const leaf = valid ? node.logical : -1;
    this.#jumps = leaf === this.#leaf ? 0 : this.#jumps + 1;
    this.#leaf = leaf;
  }
}
