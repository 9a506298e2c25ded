import { EXTENT_TYPE, KEY } from '../format/constants.ts';
import { FILE_EXTENT } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import type { Cursor } from '../volume/cursor.ts';
import type { Node } from '../volume/node.ts';
import type { Volume } from '../volume/volume.ts';
import type { References } from './extent-references.ts';
import { PlacesInOrder, type ExtentPlace } from './places-in-order.ts';

/** Leaves that are fetched at a time, far fewer than are cached. */
const FETCHED_LEAVES = 64;
const MOST_LEAVES = 64 * 1024;
/** Of leaves, what is in them. */
const MOST_INDEXED = 128;
const { at } = FILE_EXTENT;

/**
 * Where a few trees may show an extent. A leaf that shows it and is none of theirs is nothing to
 * them: their own leaves are named as well. A file that many snapshots have in many states is
 * shown by as many leaves, again and again by the same ones.
 */
export class ExtentPlaces {
  readonly #volume: Volume;
  #trees: readonly Cursor[] = [];
  /** Whether a leaf is one of the trees'. */
  readonly #isOurs = new Map<number, boolean>();
  readonly #indexed = new Map<number, ReadonlyMap<number, ExtentPlace[]>>();

  constructor(volume: Volume) {
    this.#volume = volume;
  }

  /** Before the first use, and when blocks may have moved. */
  begin(trees: readonly Cursor[]): void {
    this.#trees = trees;
    this.#isOurs.clear();
    this.#indexed.clear();
  }

  /** Each place once. @throws Corrupt, Io. */
  of(extent: number, { places, leaves }: References): PlacesInOrder {
    const found = [...places];
    const ours = leaves.filter((leaf) => this.#isOurs.get(leaf) !== false);
    for (let from = 0; from < ours.length; from += FETCHED_LEAVES) {
      const some = ours.slice(from, from + FETCHED_LEAVES);
      const unread = some.filter((leaf) => !this.#indexed.has(leaf));
      if (unread.length > 1) this.#volume.fetch(unread);
      for (const leaf of some) {
        const isIndexed = ours.length <= MOST_INDEXED;
        for (const { inode, base } of this.#shownBy(leaf, extent, isIndexed)) {
          found.push(inode, base);
        }
      }
    }
    return new PlacesInOrder(found);
  }

  /** @param mayIndex not where more leaves are asked than are indexed: each would drive out others */
  #shownBy(leaf: number, extent: number, mayIndex: boolean): readonly ExtentPlace[] {
    const indexed = this.#indexed.get(leaf);
    if (indexed !== undefined) return indexed.get(extent) ?? [];
    const node = this.#volume.node(leaf, { level: 0 });
    const isAskedAgain = this.#isOurs.has(leaf);
    if (!isAskedAgain) {
      if (this.#isOurs.size >= MOST_LEAVES) this.#isOurs.clear();
      this.#isOurs.set(leaf, this.#holds(node));
    }
    if (this.#isOurs.get(leaf) === false) return [];
    if (!isAskedAgain || !mayIndex) return placesOf(node, extent);
    if (this.#indexed.size >= MOST_INDEXED) this.#indexed.clear();
    const shown = shownBy(node);
    this.#indexed.set(leaf, shown);
    return shown.get(extent) ?? [];
  }

  /** Whether one of the trees has this leaf at its place. */
  #holds(leaf: Node): boolean {
    if (leaf.itemCount === 0) return false;
    const [inode, type, offset] = [leaf.objectId(0), leaf.type(0), leaf.offset(0)];
    return this.#trees.some((tree) => {
      tree.seek(inode, type, offset);
      return tree.valid && tree.node.logical === leaf.logical;
    });
  }
}

/** A regular extent item of this extent; not one that was only set aside. */
export function shows(node: Node, slot: number, extent: number): boolean {
  return isRegular(node, slot) && diskLogicalOf(node, slot) === extent;
}

/** The extent that this item shows, if it is a regular one written after this generation. */
export function newExtent(node: Node, slot: number, since: number): number | undefined {
  if (!isRegular(node, slot)) return undefined;
  const generation = readU64(node.view, node.dataStart(slot) + at.generation);
  const extent = diskLogicalOf(node, slot);
  return generation > since && extent > 0 ? extent : undefined;
}

/** What a leaf shows, by extent. */
function shownBy(node: Node): ReadonlyMap<number, ExtentPlace[]> {
  const places = new Map<number, ExtentPlace[]>();
  for (let slot = 0; slot < node.itemCount; slot++) {
    if (!isRegular(node, slot)) continue;
    const extent = diskLogicalOf(node, slot);
    const known = places.get(extent);
    if (known === undefined) places.set(extent, [placeAt(node, slot)]);
    else known.push(placeAt(node, slot));
  }
  return places;
}

/** Where a leaf shows this extent. */
function placesOf(node: Node, extent: number): ExtentPlace[] {
  const places: ExtentPlace[] = [];
  for (let slot = 0; slot < node.itemCount; slot++) {
    if (shows(node, slot, extent)) places.push(placeAt(node, slot));
  }
  return places;
}

function placeAt(node: Node, slot: number): ExtentPlace {
  const offset = readU64(node.view, node.dataStart(slot) + at.offset);
  return { inode: node.objectId(slot), base: node.offset(slot) - offset };
}

function isRegular(node: Node, slot: number): boolean {
  if (node.type(slot) !== KEY.extentData || node.dataSize(slot) < FILE_EXTENT.size) return false;
  return node.bytes[node.dataStart(slot) + at.type] === EXTENT_TYPE.regular;
}

function diskLogicalOf(node: Node, slot: number): number {
  return readU64(node.view, node.dataStart(slot) + at.diskLogical);
}
