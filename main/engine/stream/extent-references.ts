import { DendroError } from '../../../shared/errors.ts';
import { KEY, TREE } from '../format/constants.ts';
import { EXTENT_ITEM } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import { extentReferences } from '../tree/index.ts';
import type { Cursor } from '../volume/cursor.ts';
import { leafAddresses } from '../volume/leaf-addresses.ts';
import type { Volume } from '../volume/volume.ts';

/** Where an extent's beginning would stand in a file. */
export interface ExtentPlace {
  readonly inode: number;
  readonly base: number;
}

/** Who refers to an extent: places in files, and leaves that show it. */
export interface References {
  readonly places: readonly ExtentPlace[];
  readonly leaves: readonly number[];
}

/** As the kernel: an extent that is shared more often is not looked at further. */
const MAX_REFERENCES = 1024;
/** After so many look-ups in a row that led to another leaf each, more are to be expected. */
const SURE_JUMPS = 4;
/** Extents whose leaves are fetched at a time: they fit into the cache. */
const FETCHED_EXTENTS = 128;
/** References that are known ahead. */
const MOST_KNOWN = 128 * 1024;

/** What the extent tree says of extents. */
export class ExtentReferences {
  readonly #volume: Volume;
  readonly #fewest: number;
  #cursor: Cursor | undefined;
  #known = new Map<number, References | undefined>();
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
    this.#known.clear();
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
   * leaves at a time. One that cannot be read is told of when it is asked for.
   */
  lookAhead(extents: readonly number[]): void {
    this.#known.clear();
    if (this.#cursor === undefined) return;
    const { root } = this.#cursor;
    const inOrder = Float64Array.from(extents).sort();
    let room = MOST_KNOWN;
    for (let from = 0; from < inOrder.length && room > 0; from += FETCHED_EXTENTS) {
      const some = [...inOrder.subarray(from, from + FETCHED_EXTENTS)];
      this.#volume.fetch(leafAddresses(this.#volume, root, some, KEY.extentItem));
      for (const extent of some) room -= this.#know(extent);
    }
  }

  #know(extent: number): number {
    try {
      const references = this.#read(extent);
      this.#known.set(extent, references);
      return 1 + (references?.leaves.length ?? 0) + (references?.places.length ?? 0);
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
    const [places, leaves]: [ExtentPlace[], number[]] = [[], []];
    for (const reference of extentReferences(this.#volume, extent)) {
      if (places.length + leaves.length === MAX_REFERENCES) break;
      if (reference.kind === 'shared') leaves.push(reference.parent);
      else {
        const base = Number(BigInt.asIntN(64, reference.offset));
        places.push({ inode: reference.inode, base });
      }
    }
    return { places, leaves };
  }

  #countJump({ valid, node }: Cursor): void {
    const leaf = valid ? node.logical : -1;
    this.#jumps = leaf === this.#leaf ? 0 : this.#jumps + 1;
    this.#leaf = leaf;
  }
}
