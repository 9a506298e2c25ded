import { DendroError } from '../../../shared/errors.ts';
import { Spans } from '../diff/spans.ts';
import { KEY, TREE } from '../format/constants.ts';
import { EXTENT_ITEM, FILE_EXTENT } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import { extentReferences } from '../tree/index.ts';
import { Cursor } from '../volume/cursor.ts';
import type { Node } from '../volume/node.ts';
import type { TreeRoot } from '../volume/tree-root.ts';
import type { Volume } from '../volume/volume.ts';

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

/** As the kernel: an extent that is shared more often is not looked at further. */
const MAX_REFERENCES = 1024;
/** Items that one reference may stand for. */
const MAX_ITEMS = 4096;
const CACHED_EXTENTS = 64;
const REGULAR = 1;
const MAX_TRIES = 24;
const NONE: readonly Candidate[] = [];
const { at } = FILE_EXTENT;

/** Where an extent is used in a few trees, by the extent tree's backrefs. */
export class CloneCandidates {
  readonly #volume: Volume;
  readonly #roots: readonly TreeRoot[];
  #cursors: readonly Cursor[] = [];
  #extents: Cursor | undefined;
  #epoch = -1;
  readonly #known = new Map<number, readonly Candidate[]>();
  readonly #hasOthers: boolean;

  /**
   * @param roots the last is the tree that spans are of.
   * @param parent index of the tree that spans are compared with, or -1.
   */
  constructor(volume: Volume, roots: readonly TreeRoot[], parent: number) {
    this.#volume = volume;
    this.#roots = roots;
    this.#hasOthers = roots.length > (parent < 0 ? 1 : 2);
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
        const found = this.#known.get(address) ?? this.#lookUp(address, span.ramBytes);
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
    const isThere = volume.root(TREE.extent) !== undefined;
    this.#extents = isThere ? volume.cursor(TREE.extent) : undefined;
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

  #lookUp(address: number, ramBytes: number): readonly Candidate[] {
    return this.#isShared(address) ? this.#find(address, ramBytes) : NONE;
  }

  /**
   * One reference may be that of a leaf which several trees have: the parent shows it in the same
   * place then, where nothing is to be sent, but another clone source may have it.
   */
  #isShared(diskLogical: number): boolean {
    const cursor = this.#extents;
    if (cursor === undefined) return false;
    const isThere = cursor.seek(diskLogical, KEY.extentItem, 0);
    if (!isThere || cursor.objectId !== diskLogical || cursor.type !== KEY.extentItem) return false;
    if (cursor.dataSize < EXTENT_ITEM.size) return false;
    return this.#hasOthers || readU64(cursor.node.view, cursor.dataStart) > 1;
  }

  #find(diskLogical: number, ramBytes: number): readonly Candidate[] {
    const places = this.#places(diskLogical);
    const found: Candidate[] = [];
    for (let source = 0; source < this.#roots.length; source++) {
      for (const { inode, base } of places) {
        this.#prove(source, inode, base, diskLogical, ramBytes, found);
      }
    }
    return found;
  }

  /** Inodes and the file offsets where the extent's beginning would stand, each once. */
  #places(diskLogical: number): { inode: number; base: number }[] {
    const places = new Map<string, { inode: number; base: number }>();
    const add = (inode: number, base: number): void => {
      places.set(`${inode}/${base}`, { inode, base });
    };
    let count = 0;
    for (const reference of extentReferences(this.#volume, diskLogical)) {
      if (++count > MAX_REFERENCES) break;
      if (reference.kind === 'keyed') {
        add(reference.inode, Number(BigInt.asIntN(64, reference.offset)));
      } else this.#readLeaf(reference.parent, diskLogical, add);
    }
    return [...places.values()].sort((a, b) => a.inode - b.inode || a.base - b.base);
  }

  #readLeaf(
    logical: number,
    diskLogical: number,
    add: (inode: number, base: number) => void,
  ): void {
    const node = this.#volume.node(logical, { level: 0 });
    for (let slot = 0; slot < node.itemCount; slot++) {
      if (node.type(slot) !== KEY.extentData || !shows(node, slot, diskLogical)) continue;
      const offset = readU64(node.view, node.dataStart(slot) + at.offset);
      add(node.objectId(slot), node.offset(slot) - offset);
    }
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

/** A regular extent item of this extent; not one that was only set aside. */
function shows(node: Node, slot: number, diskLogical: number): boolean {
  if (node.dataSize(slot) < FILE_EXTENT.size) return false;
  const start = node.dataStart(slot);
  if (node.bytes[start + at.type] !== REGULAR) return false;
  return readU64(node.view, start + at.diskLogical) === diskLogical;
}
