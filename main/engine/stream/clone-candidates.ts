import { DendroError } from '../../../shared/errors.ts';
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
const NONE: readonly Candidate[] = [];
const { at } = FILE_EXTENT;

/** Where an extent is used in a few trees, by the extent tree's backrefs. */
export class CloneCandidates {
  readonly #volume: Volume;
  readonly #roots: readonly TreeRoot[];
  readonly #cursors: readonly Cursor[];
  readonly #extents: Cursor | undefined;
  readonly #known = new Map<number, readonly Candidate[]>();

  constructor(volume: Volume, roots: readonly TreeRoot[]) {
    this.#volume = volume;
    this.#roots = roots;
    this.#cursors = roots.map((root) => new Cursor(volume, root));
    this.#extents = volume.root(TREE.extent) === undefined ? undefined : volume.cursor(TREE.extent);
  }

  /** In the order of trees, inodes and offsets. One that is used once has none. */
  of(diskLogical: number, ramBytes: number): readonly Candidate[] {
    const known = this.#known.get(diskLogical);
    if (known !== undefined) return known;
    const candidates = this.#isShared(diskLogical) ? this.#find(diskLogical, ramBytes) : NONE;
    if (this.#known.size >= CACHED_EXTENTS) this.#known.clear();
    this.#known.set(diskLogical, candidates);
    return candidates;
  }

  /** A damaged extent tree costs clones, not the send. */
  #isShared(diskLogical: number): boolean {
    const cursor = this.#extents;
    if (cursor === undefined) return false;
    try {
      const isThere = cursor.seek(diskLogical, KEY.extentItem, 0);
      if (!isThere || cursor.objectId !== diskLogical || cursor.type !== KEY.extentItem) {
        return false;
      }
      if (cursor.dataSize < EXTENT_ITEM.size) return false;
      return readU64(cursor.node.view, cursor.dataStart) > 1;
    } catch (error) {
      if (error instanceof DendroError && error.kind === 'Corrupt') return false;
      throw error;
    }
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
    try {
      let count = 0;
      for (const reference of extentReferences(this.#volume, diskLogical)) {
        if (++count > MAX_REFERENCES) break;
        if (reference.kind === 'keyed') {
          add(reference.inode, Number(BigInt.asIntN(64, reference.offset)));
        } else this.#readLeaf(reference.parent, diskLogical, add);
      }
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind !== 'Corrupt') throw error;
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
