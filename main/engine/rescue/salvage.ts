import { corrupt, DendroError, noteOfError } from '../../../shared/errors.ts';
import { say, type Note } from '../../../shared/said.ts';
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
  /** What stood below it is not newer. */
  readonly generation: number;
  /** Leaves that may have stood below it were found: so many. */
  readonly leavesFound?: number;
}
/** A leaf that is still good. */
export interface Leaf {
  readonly logical: number;
  readonly generation: number;
  /** Its first and last key, 17 bytes each. */
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}
/** A leaf that may have stood below a lost block: in its gap. */
export interface FoundLeaf extends Leaf {
  /** Which of the lost blocks. */
  readonly gap: number;
}
export interface Salvaged {
  readonly leaves: readonly Leaf[];
  readonly lost: readonly LostBlock[];
  /** Leaves in or below lost blocks that are whole, but of another generation than is expected. */
  readonly strays: readonly FoundLeaf[];
  /** Trees whose blocks this one uses: its own, and those it shares with. */
  readonly owners: ReadonlySet<number>;
}

const LAST_OBJECT = Number.MAX_SAFE_INTEGER;

/**
 * Goes through a whole tree past blocks that cannot be read. A block must begin with the key
 * that its parent has for it: so none is gone through twice, whatever a damaged tree says.
 * @throws Cancelled.
 */
export function salvageTree(volume: Volume, root: TreeRoot): Salvaged {
  const leaves: Leaf[] = [];
  const lost: LostBlock[] = [];
  const strays: FoundLeaf[] = [];
  const owners = new Set([root.id]);
  const visit = (
    read: () => Node,
    readAnyGeneration: () => Node,
    at: Omit<LostBlock, 'reason' | 'tree'>,
  ): void => {
    let node: Node;
    try {
      node = read();
    } catch (error) {
      lost.push({ tree: root.id, reason: reasonOf(error).text, ...at });
      const gap = lost.length - 1;
      const found = leavesOfAnyGeneration(volume, readAnyGeneration, root.id);
      // one at a time: there may be more than a call takes arguments
      for (const leaf of found) strays.push({ ...leaf, gap });
      return;
    }
    owners.add(node.owner);
    if (node.level === 0) {
      if (node.itemCount > 0) leaves.push(leafOf(node));
      return;
    }
    for (let slot = 0; slot < node.itemCount; slot += 1) {
      visit(
        () => childOf(volume, node, slot, root.id),
        () => childOfAnyGeneration(volume, node, slot, root.id),
        {
          logical: node.childLogical(slot),
          level: node.level - 1,
          generation: node.childGeneration(slot),
          fromObject: objectOf(node, slot),
          toObject: slot + 1 < node.itemCount ? objectOf(node, slot + 1) : at.toObject,
        },
      );
    }
  };
  const { logical, level, generation } = root;
  const whole = { logical, level, generation, fromObject: 0, toObject: LAST_OBJECT };
  visit(
    () => volume.node(logical, { level, generation, owner: root.id }),
    () => volume.node(logical, { level, owner: root.id }),
    whole,
  );
  return { leaves, lost, owners, strays };
}

/**
 * The leaves of a block that is bad, or only of another generation than its parent says: a write
 * that a disk lost leaves the older block in its place, whole.
 */
function leavesOfAnyGeneration(volume: Volume, read: () => Node, owner: number): Leaf[] {
  let node: Node;
  try {
    node = read();
  } catch (error) {
    reasonOf(error);
    return [];
  }
  if (node.level === 0) return node.itemCount > 0 ? [leafOf(node)] : [];
  return Array.from({ length: node.itemCount }, (_, slot) => slot).flatMap((slot) =>
    leavesOfAnyGeneration(volume, () => childOfAnyGeneration(volume, node, slot, owner), owner),
  );
}

function childOf(volume: Volume, parent: Node, slot: number, owner: number): Node {
  return inPlace(volume.nodeAhead(parent, slot, owner), parent, slot, owner);
}

function childOfAnyGeneration(volume: Volume, parent: Node, slot: number, owner: number): Node {
  const expected = { level: parent.level - 1, owner };
  return inPlace(volume.node(parent.childLogical(slot), expected), parent, slot, owner);
}

function inPlace(child: Node, parent: Node, slot: number, owner: number): Node {
  const last = child.itemCount - 1;
  const isInPlace =
    last >= 0 &&
    child.compareWith(0, parent, slot) === 0 &&
    (slot + 1 >= parent.itemCount || child.compareWith(last, parent, slot + 1) < 0);
  if (isInPlace) return child;
  throw corrupt(
    'tree-order',
    say`The tree block at ${{ logical: child.logical }} does not fit its place.`,
    {
      place: { tree: owner, logical: child.logical },
    },
  );
}

export function leafOf(node: Node): Leaf {
  const { logical, generation } = node;
  return { logical, generation, first: keyOf(node, 0), last: keyOf(node, node.itemCount - 1) };
}

/**
 * Puts leaves together as a tree again, with inner blocks made up in memory, and makes it
 * the volume's tree of that id. Of `found` leaves, those that overlap the tree's own or newer
 * ones are left out.
 */
export function standInTree(
  volume: Volume,
  id: number,
  own: readonly Leaf[],
  found: readonly Leaf[] = [],
): TreeRoot {
  const kept = inOrder(own, found);
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

/** The tree's own are in order already; what is found goes into the gaps, the newest first. */
function inOrder(own: readonly Leaf[], found: readonly Leaf[]): Leaf[] {
  const kept = [...own].sort((a, b) => compareKeys(a.first, b.first));
  for (const leaf of [...found].sort((a, b) => b.generation - a.generation)) {
    const at = lowerBound(kept, leaf);
    if (isFree(kept, at, leaf)) kept.splice(at, 0, leaf);
  }
  return kept;
}

function isFree(kept: readonly Leaf[], at: number, leaf: Leaf): boolean {
  const before = kept[at - 1];
  const after = kept[at];
  return (
    (before === undefined || compareKeys(before.last, leaf.first) < 0) &&
    (after === undefined || compareKeys(leaf.last, after.first) < 0)
  );
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

/** The lost blocks that a leaf may have stood below, were it one of their tree's. */
export function gapOf(lost: readonly LostBlock[], { first, generation }: Leaf): number {
  const low = objectOfKey(first);
  return lost.findIndex(
    (block) =>
      block.level > 0 &&
      generation <= block.generation &&
      low >= block.fromObject &&
      low <= block.toObject,
  );
}

function objectOfKey(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const high = view.getUint32(4, true);
  return high > 0x1fffff ? LAST_OBJECT : high * 0x1_0000_0000 + view.getUint32(0, true);
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

export function reasonOf(error: unknown): Note {
  if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
    throw error;
  return noteOfError(error);
}
