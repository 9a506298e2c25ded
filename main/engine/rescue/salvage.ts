import { DendroError } from '../../../shared/errors.ts';
import { HEADER, KEY_POINTER } from '../format/layouts.ts';
import { Node, type TreeRoot, type Volume } from '../volume/index.ts';

/** A block of a tree that could not be read, and what stood below it. */
export interface LostBlock {
  readonly tree: number;
  readonly logical: number;
  readonly level: number;
  readonly reason: string;
  /** Inodes (or other objects) from here ... */
  readonly fromObject: number;
  /** ... to here may have lost items; the last one partly. */
  readonly toObject: number;
}
/** A leaf that is still good. */
export interface Leaf {
  readonly logical: number;
  readonly generation: number;
  /** Its first and last key, 17 bytes each. */
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}
export interface Salvaged {
  readonly leaves: readonly Leaf[];
  readonly lost: readonly LostBlock[];
}

const LAST_OBJECT = Number.MAX_SAFE_INTEGER;

/** Goes through a whole tree past blocks that cannot be read. @throws Cancelled. */
export function salvageTree(volume: Volume, root: TreeRoot): Salvaged {
  const leaves: Leaf[] = [];
  const lost: LostBlock[] = [];
  const visit = (
    logical: number,
    level: number,
    generation: number,
    fromObject: number,
    toObject: number,
  ): void => {
    let node: Node;
    try {
      node = volume.node(logical, { level, generation, owner: root.id });
    } catch (error) {
      lost.push({ tree: root.id, logical, level, reason: reasonOf(error), fromObject, toObject });
      return;
    }
    if (level === 0) {
      if (node.itemCount > 0) leaves.push(leafOf(node));
      return;
    }
    for (let slot = 0; slot < node.itemCount; slot += 1) {
      const next = slot + 1 < node.itemCount ? objectOf(node, slot + 1) : toObject;
      visit(
        node.childLogical(slot),
        level - 1,
        node.childGeneration(slot),
        objectOf(node, slot),
        next,
      );
    }
  };
  visit(root.logical, root.level, root.generation, 0, LAST_OBJECT);
  return { leaves, lost };
}

export function leafOf(node: Node): Leaf {
  const { logical, generation } = node;
  return { logical, generation, first: keyOf(node, 0), last: keyOf(node, node.itemCount - 1) };
}

/**
 * Puts leaves together as a tree again, with inner blocks made up in memory, and makes it
 * the volume's tree of that id. Leaves out of order or overlapping are left out, the newest
 * ones kept.
 */
export function standInTree(volume: Volume, id: number, leaves: readonly Leaf[]): TreeRoot {
  const kept = inOrder(leaves);
  let row: { logical: number; generation: number; key: Uint8Array }[] = kept.map(
    ({ logical, generation, first }) => ({ logical, generation, key: first }),
  );
  const made: Node[] = [];
  let level = 0;
  while (row.length > 1 || level === 0) {
    level += 1;
    const perBlock = Math.floor((volume.nodeSize - HEADER.size) / KEY_POINTER.size);
    const above: typeof row = [];
    for (let at = 0; at < row.length; at += perBlock) {
      const block = makeInner(volume, id, level, row.slice(at, at + perBlock));
      made.push(block);
      above.push({ logical: block.logical, generation: 0, key: row[at]!.key });
    }
    if (above.length === 0) break;
    row = above;
  }
  const top = made.at(-1) ?? makeEmptyLeaf(volume, id);
  if (made.length === 0) made.push(top);
  const root = { id, logical: top.logical, level: top.level, generation: top.generation };
  volume.standIn(root, made);
  return root;
}

function inOrder(leaves: readonly Leaf[]): Leaf[] {
  const kept: Leaf[] = [];
  for (const leaf of [...leaves].sort((a, b) => b.generation - a.generation)) {
    const at = lowerBound(kept, leaf);
    const before = kept[at - 1];
    const after = kept[at];
    const isFree =
      (before === undefined || compareKeys(before.last, leaf.first) < 0) &&
      (after === undefined || compareKeys(leaf.last, after.first) < 0);
    if (isFree) kept.splice(at, 0, leaf);
  }
  return kept;
}

function lowerBound(kept: readonly Leaf[], leaf: Leaf): number {
  let low = 0;
  for (let high = kept.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (compareKeys(kept[middle]!.first, leaf.first) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Addresses no device has, one a block. */
let nextAddress = 2 ** 50;

function makeInner(
  volume: Volume,
  owner: number,
  level: number,
  children: readonly { logical: number; generation: number; key: Uint8Array }[],
): Node {
  const { bytes, view, logical } = makeBlock(volume, owner, level, children.length);
  children.forEach((child, i) => {
    const at = HEADER.size + i * KEY_POINTER.size;
    KEY_POINTER.write(view, at, {
      key: child.key,
      logical: child.logical,
      generation: child.generation,
    });
  });
  nextAddress = logical + volume.nodeSize;
  return new Node(bytes);
}

function makeEmptyLeaf(volume: Volume, owner: number): Node {
  const { bytes, logical } = makeBlock(volume, owner, 0, 0);
  nextAddress = logical + volume.nodeSize;
  return new Node(bytes);
}

function makeBlock(
  volume: Volume,
  owner: number,
  level: number,
  itemCount: number,
): { bytes: Uint8Array<ArrayBuffer>; view: DataView; logical: number } {
  const bytes = new Uint8Array(volume.nodeSize);
  const view = new DataView(bytes.buffer);
  const logical = nextAddress;
  HEADER.write(view, 0, { fsid: volume.fsid, logical, generation: 0, owner, itemCount, level });
  return { bytes, view, logical };
}

function keyOf(node: Node, slot: number): Uint8Array {
  const stride = node.level === 0 ? 25 : KEY_POINTER.size;
  const at = HEADER.size + slot * stride;
  return node.bytes.slice(at, at + 17);
}

/** Little-endian numbers compared from their last byte down. */
function compareKeys(a: Uint8Array, b: Uint8Array): number {
  for (const i of [7, 6, 5, 4, 3, 2, 1, 0, 8, 16, 15, 14, 13, 12, 11, 10, 9]) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return 0;
}

function objectOf(node: Node, slot: number): number {
  const high = node.objectHigh(slot);
  return high > 0x1fffff ? LAST_OBJECT : high * 0x1_0000_0000 + node.objectLow(slot);
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
    throw error;
  return error.message;
}
