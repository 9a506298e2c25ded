import { DendroError } from '../../../shared/errors.ts';
import { Spans } from '../diff/spans.ts';
import { KEY } from '../format/constants.ts';
import { FILE_EXTENT } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import { Cursor } from '../volume/cursor.ts';
import type { TreeRoot } from '../volume/tree-root.ts';
import type { Volume } from '../volume/volume.ts';
import { ExtentPlaces, newExtent, shows } from './extent-places.ts';
import { ExtentReferences } from './extent-references.ts';
import { isBefore, PlacesInOrder, type ExtentPlace } from './places-in-order.ts';

export type CandidateVolume = Volume;

/** A file extent item that shows a part of an extent. */
export interface Candidate {
  /** Index of the tree. */
  readonly source: number;
  readonly inode: number;
  readonly fileOffset: number;
  /** In the decoded extent. */
  readonly offset: number;
  readonly length: number;
}

/** How far the places of an extent were looked at, and what is there. */
interface Looked {
  found: Candidate[];
  /** The tree and the place that come next. */
  source: number;
  place: number;
}

/** Of one extent, at one epoch. */
interface Search extends Looked {
  readonly epoch: number;
  readonly address: number;
  readonly ramBytes: number;
  /** Of the item: what was set aside is written in parts. */
  readonly generation: number;
  places: PlacesInOrder;
}

/** An inode, and an offset in it. */
type FilePlace = readonly [inode: number, offset: number];

/** Items that one reference may stand for. */
const MAX_ITEMS = 4096;
const CACHED_EXTENTS = 64;
/** Of one that is shown by many leaves looking them up again is dear: where it is first is kept. */
const MANY_PLACES = 64;
const FIRST_PLACES = 16;
const DEAR_EXTENTS = 4096;
const MAX_TRIES = 24;
/** Extents that are looked ahead for at a time. */
const AHEAD_EXTENTS = 4096;
const NOWHERE = { from: [0, 0], to: [-1, 0] } as const;
const NOWHERE_ELSE = new PlacesInOrder([]);
const NONE: readonly Candidate[] = [];
const fromTheStart = (): Looked => ({ found: [], source: 0, place: 0 });
const { at } = FILE_EXTENT;

/** Where an extent is used in a few trees, by the extent tree's backrefs. */
export class CloneCandidates {
  readonly #volume: Volume;
  readonly #roots: readonly TreeRoot[];
  #cursors: readonly Cursor[] = [];
  readonly #references: ExtentReferences;
  readonly #places: ExtentPlaces;
  #epoch = -1;
  readonly #known = new Map<number, Search>();
  readonly #dear = new Map<number, Search>();
  /** Of those that are dear, the one that was asked for last. */
  #last = fromTheStart();
  /** What the parent shows is looked up for few of its extents. */
  readonly #since: number;
  /** Where extents have been looked ahead for. */
  #ahead: { readonly from: FilePlace; readonly to: FilePlace } = NOWHERE;

  /**
   * @param roots the last is the tree that spans are of.
   * @param parent index of the tree that spans are compared with, or -1.
   */
  constructor(volume: Volume, roots: readonly TreeRoot[], parent: number) {
    this.#volume = volume;
    this.#roots = roots;
    volume.expectTrees(roots.length);
    this.#since = roots[parent]?.generation ?? 0;
    // One reference may be that of a leaf which several trees have: the parent shows it in the same
    // place then, where nothing is to be sent, but another clone source may have it.
    const hasOthers = roots.length > (parent < 0 ? 1 : 2);
    this.#references = new ExtentReferences(volume, hasOthers ? 1 : 2);
    this.#places = new ExtentPlaces(volume);
  }

  /**
   * In the order of trees, inodes and offsets; of the tree that the span is of those before it, for
   * a place behind it stands nowhere yet. They are looked up as they are asked for: an extent may
   * have hundreds. One that only one place shows has none.
   * Blocks that move meanwhile cost tries, not clones: the same snapshots must give the same
   * stream; those that were told may be told again then. A damaged extent tree costs clones, not
   * the send.
   */
  of(span: Spans, inode: number): Iterable<Candidate> {
    const search = this.#search(span, inode, 0);
    return search === undefined || search.places.size === 0
      ? NONE
      : this.#walk(search, span, inode);
  }

  *#walk(first: Search, span: Spans, inode: number): Generator<Candidate, void> {
    let search: Search | undefined = first;
    const here = { inode, base: span.itemStart - span.offset };
    for (let tries = 0; search !== undefined; search = this.#search(span, inode, tries)) {
      if ((yield* this.#found(search, here, tries)) === 'all') return;
      tries += 1;
    }
  }

  *#found(search: Search, here: ExtentPlace, tries: number): Generator<Candidate, 'all' | 'moved'> {
    const { epoch } = search;
    for (let index = 0; ; index++) {
      const isThere = this.#attempt(epoch, tries, () => this.#findUpTo(search, index, here));
      if (isThere === 'given up') return 'all';
      if (isThere === 'moved' || this.#volume.epoch !== epoch) return 'moved';
      if (!isThere) return 'all';
      yield search.found[index]!;
    }
  }

  /** Where to look for candidates. */
  #search(span: Spans, inode: number, triesBefore: number): Search | undefined {
    const volume = this.#volume;
    for (let tries = triesBefore; tries < MAX_TRIES; tries++) {
      const { epoch } = volume;
      const search = this.#attempt(epoch, tries, () => this.#searchIn(epoch, span, inode));
      if (search === 'given up') return undefined;
      if (search !== 'moved' && volume.epoch === epoch) return search;
    }
    return undefined;
  }

  #attempt<T>(epoch: number, tries: number, run: () => T): T | 'moved' | 'given up' {
    try {
      return run();
    } catch (error) {
      if (this.#volume.recover(error, epoch, tries)) return 'moved';
      if (error instanceof DendroError && error.kind === 'Corrupt') return 'given up';
      throw error;
    }
  }

  #searchIn(epoch: number, span: Spans, inode: number): Search {
    if (epoch !== this.#epoch) this.#begin(epoch);
    // One place may be shown by thousands of items.
    if (this.#last.found.length > MANY_PLACES) Object.assign(this.#last, fromTheStart());
    const address = span.epoch === epoch ? span.diskLogical : this.#locate(span, inode);
    const { ramBytes, generation } = span;
    const known = this.#known.get(address);
    if (known?.generation === generation) return known;
    const dear = this.#dear.get(address);
    if (dear?.generation === generation) return (this.#last = dear);
    if (this.#isWorthAhead(address)) this.#lookAhead(span, inode);
    const places = this.#placesOf(address);
    const extent = { epoch, address, ramBytes, generation, places };
    const search: Search = { ...extent, ...fromTheStart() };
    this.#keep(search);
    return search;
  }

  #placesOf(address: number): PlacesInOrder {
    const references = this.#references.of(address);
    return references === undefined ? NOWHERE_ELSE : this.#places.of(address, references);
  }

  /** All places of one of which the first were kept. */
  #refill(search: Search): void {
    this.#dear.delete(search.address);
    search.places = this.#placesOf(search.address);
    this.#keep(search);
  }

  #keep(search: Search): void {
    if (this.#known.size >= CACHED_EXTENTS) {
      for (const { places, ...extent } of this.#known.values()) {
        if (places.size < MANY_PLACES) continue;
        if (this.#dear.size >= DEAR_EXTENTS) this.#dear.clear();
        const first = places.first(FIRST_PLACES);
        this.#dear.set(extent.address, { ...extent, ...fromTheStart(), places: first });
      }
      this.#known.clear();
    }
    this.#known.set(search.address, search);
  }

  #begin(epoch: number): void {
    const volume = this.#volume;
    this.#known.clear();
    this.#dear.clear();
    this.#cursors = this.#roots.map((root) => new Cursor(volume, volume.root(root.id) ?? root));
    this.#references.begin();
    this.#places.begin(this.#cursors);
    this.#ahead = NOWHERE;
    this.#epoch = epoch;
  }

  /** Where the span's extent is in the newest generation. */
  #locate(span: Spans, inode: number): number {
    const { id } = this.#roots.at(-1)!;
    const now = new Spans(this.#volume, this.#volume.requireRoot(id));
    now.seek(inode, span.itemStart);
    now.step(span.itemStart + 1);
    return now.diskLogical;
  }

  #isWorthAhead(extent: number): boolean {
    return this.#references.isScattered && !this.#references.has(extent);
  }

  /** A file whose extents were written in no order: those that stand behind this one come next. */
  #lookAhead({ itemStart }: Spans, inode: number): void {
    const { from, to } = this.#ahead;
    if (compare(from, [inode, itemStart]) <= 0 && compare([inode, itemStart], to) <= 0) return;
    const cursor = this.#cursors.at(-1)!;
    const extents: number[] = [];
    let last: FilePlace = [inode, itemStart];
    cursor.seek(inode, KEY.extentData, itemStart);
    for (; cursor.valid && extents.length < AHEAD_EXTENTS; cursor.next()) {
      const { node, slot } = cursor;
      if (node.type(slot) !== KEY.extentData) {
        if (node.objectId(slot) !== inode) break;
        continue;
      }
      const extent = newExtent(node, slot, this.#since);
      if (extent !== undefined && !this.#dear.has(extent)) extents.push(extent);
      last = [node.objectId(slot), node.offset(slot)];
    }
    this.#ahead = { from: [inode, itemStart], to: last };
    this.#references.lookAhead(extents);
  }

  /** Looks on until there are more than `index`; false when there are no more before `here`. */
  #findUpTo(search: Search, index: number, here: ExtentPlace): boolean {
    const { found } = search;
    const own = this.#roots.length - 1;
    while (found.length <= index) {
      if (search.places.isCutAt(search.place)) this.#refill(search);
      const isLater = search.generation > this.#roots[search.source]!.generation;
      const place = isLater && search.source < own ? undefined : search.places.at(search.place);
      if (search.source === own) {
        if (place === undefined || !isBefore(place, here)) return false;
      } else if (place === undefined) {
        search.place = 0;
        search.source += 1;
        continue;
      }
      this.#prove(search, search.source, place);
      search.place += 1;
    }
    return true;
  }

  #prove({ address, ramBytes, found }: Search, source: number, { inode, base }: ExtentPlace): void {
    const cursor = this.#cursors[source]!;
    const from = Math.max(0, base);
    const end = base + ramBytes;
    cursor.seek(inode, KEY.extentData, from);
    for (let count = 0; cursor.valid && count < MAX_ITEMS; count++) {
      const { node, slot } = cursor;
      if (node.objectId(slot) !== inode || node.type(slot) !== KEY.extentData) return;
      const fileOffset = node.offset(slot);
      if (fileOffset >= end) return;
      if (shows(node, slot, address)) {
        const start = node.dataStart(slot);
        const offset = readU64(node.view, start + at.offset);
        const length = readU64(node.view, start + at.length);
        if (fileOffset - offset === base) found.push({ source, inode, fileOffset, offset, length });
      }
      cursor.next();
    }
  }
}

function compare(a: FilePlace, b: FilePlace): number {
  return a[0] - b[0] || a[1] - b[1];
}
