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

/** An inode, and an offset in it. */
type FilePlace = readonly [inode: number, offset: number];

/** Items that one reference may stand for. */
const MAX_ITEMS = 4096;
const CACHED_EXTENTS = 64;
const MAX_TRIES = 24;
/** Extents that are looked ahead for at a time. */
const AHEAD_EXTENTS = 4096;
const NOWHERE = { from: [0, 0], to: [-1, 0] } as const;
const NONE: readonly Candidate[] = [];
const { at } = FILE_EXTENT;

/** Where an extent is used in a few trees, by the extent tree's backrefs. */
export class CloneCandidates {
  readonly #volume: Volume;
  readonly #roots: readonly TreeRoot[];
  #cursors: readonly Cursor[] = [];
  readonly #references: ExtentReferences;
  readonly #places: ExtentPlaces;
  #epoch = -1;
  readonly #known = new Map<number, readonly Candidate[]>();
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
   * In the order of trees, inodes and offsets. An extent that only one place shows has none.
   * Blocks that move meanwhile cost tries, not clones: the same snapshots must give the same
   * stream. A damaged extent tree costs clones, not the send.
   */
  of(span: Spans, inode: number): readonly Candidate[] {
    const volume = this.#volume;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { epoch } = volume;
      try {
        if (epoch !== this.#epoch) this.#begin(epoch);
        const address = span.epoch === epoch ? span.diskLogical : this.#locate(span, inode);
        const known = this.#known.get(address);
        if (known === undefined && this.#isWorthAhead(address)) this.#lookAhead(span, inode);
        const found = known ?? this.#lookUp(address, span.ramBytes);
        if (volume.epoch !== epoch) continue;
        if (this.#known.size >= CACHED_EXTENTS) this.#known.clear();
        this.#known.set(address, found);
        return found;
      } catch (error) {
        if (volume.recover(error, epoch, tries)) continue;
        if (error instanceof DendroError && error.kind === 'Corrupt') return NONE;
        throw error;
      }
    }
    return NONE;
  }

  #begin(epoch: number): void {
    const volume = this.#volume;
    this.#known.clear();
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
      if (extent !== undefined) extents.push(extent);
      last = [node.objectId(slot), node.offset(slot)];
    }
    this.#ahead = { from: [inode, itemStart], to: last };
    this.#references.lookAhead(extents);
  }

  #lookUp(diskLogical: number, ramBytes: number): readonly Candidate[] {
    const references = this.#references.of(diskLogical);
    if (references === undefined) return NONE;
    const places = this.#places.of(diskLogical, references);
    const found: Candidate[] = [];
    for (let source = 0; source < this.#roots.length; source++) {
      for (const { inode, base } of places) {
        this.#prove(source, inode, base, diskLogical, ramBytes, found);
      }
    }
    return found;
  }

  #prove(
    source: number,
    inode: number,
    base: number,
    diskLogical: number,
    ramBytes: number,
    found: Candidate[],
  ): void {
    const cursor = this.#cursors[source]!;
    const from = Math.max(0, base);
    const end = base + ramBytes;
    cursor.seek(inode, KEY.extentData, from);
    for (let count = 0; cursor.valid && count < MAX_ITEMS; count++) {
      const { node, slot } = cursor;
      if (node.objectId(slot) !== inode || node.type(slot) !== KEY.extentData) return;
      const fileOffset = node.offset(slot);
      if (fileOffset >= end) return;
      if (shows(node, slot, diskLogical)) {
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
