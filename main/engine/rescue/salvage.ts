import { corrupt, DendroError, noteOfError } from '../../../shared/errors.ts';
import { say, type Note } from '../../../shared/said.ts';
import { HEADER, KEY_POINTER } from '../format/layouts.ts';
import type { Node } from '../volume/index.ts';
import { type TreeRoot, type Volume } from '../volume/index.ts';

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
  /** Of the block only the item that says where the tree begins. */
  readonly isRootItem?: boolean;
}
/** A leaf that is still good. */
export interface Leaf {
  readonly logical: number;
  readonly generation: number;
  /** Its first and last key, 17 bytes each. */
  readonly first: Uint8Array;
  readonly last: Uint8Array;
  /** The block itself, when reading it again would refuse it. */
  readonly unproven?: Node;
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

/** All that may stand in a tree. */
export const wholeTree = { fromObject: 0, toObject: Number.MAX_SAFE_INTEGER };

/**
 * Goes through a whole tree past blocks that cannot be read. A block must begin with the key
 * that its parent has for it: so none is gone through twice, whatever a damaged tree says. One
 * that is bad, but for its checksum all that it should be, counts as lost and is used.
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
    readUnproven: () => Node | undefined,
    at: Omit<LostBlock, 'reason' | 'tree'>,
  ): void => {
    let node: Node;
    try {
      node = read();
    } catch (error) {
      lost.push({ tree: root.id, reason: reasonOf(error).text, ...at });
      const gap = lost.length - 1;
      const unproven = orNothing(readUnproven);
      if (unproven !== undefined && unproven.level > 0) {
        const before = leaves.length;
        goBelow(unproven, at.toObject);
        lost[gap] = { ...lost[gap]!, leavesFound: leaves.length - before };
        return;
      }
      if (unproven !== undefined) {
        if (unproven.itemCount > 0) strays.push({ ...leafOf(unproven), gap, unproven });
        return;
      }
      const found = leavesOfAnyGeneration(volume, readAnyGeneration, root.id);
      // one at a time: there may be more than a call takes arguments
      for (const leaf of found) strays.push({ ...leaf, gap });
      return;
    }
    owners.add(node.owner);
    if (node.level > 0) goBelow(node, at.toObject);
    else if (node.itemCount > 0) leaves.push(leafOf(node));
  };
  const goBelow = (node: Node, toObject: number): void => {
    for (let slot = 0; slot < node.itemCount; slot += 1) {
      visit(
        () => childOf(volume, node, slot, root.id),
        () => childOfAnyGeneration(volume, node, slot, root.id),
        () => unprovenChild(volume, node, slot, root.id),
        {
          logical: node.childLogical(slot),
          level: node.level - 1,
          generation: node.childGeneration(slot),
          fromObject: objectOf(node, slot),
          toObject: slot + 1 < node.itemCount ? objectOf(node, slot + 1) : toObject,
        },
      );
    }
  };
  const { logical, level, generation } = root;
  visit(
    () => volume.node(logical, { level, generation, owner: root.id }),
    () => volume.node(logical, { level, owner: root.id }),
    () => volume.unprovenNode(logical, { level, generation, owner: root.id }),
    { logical, level, generation, ...wholeTree },
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

/** The child, if only its checksum is wrong. @throws Corrupt when it does not fit its place. */
function unprovenChild(
  volume: Volume,
  parent: Node,
  slot: number,
  owner: number,
): Node | undefined {
  const [generation, level] = [parent.childGeneration(slot), parent.level - 1];
  const child = volume.unprovenNode(parent.childLogical(slot), { generation, level, owner });
  return child && inPlace(child, parent, slot, owner);
}

function orNothing<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    reasonOf(error);
    return undefined;
  }
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
 * Tells which lost block a leaf may have stood below, were it one of their tree's; -1: none. Nearly
 * all lost blocks are leaves: those are not looked through for each.
 */
export function gapsOf(lost: readonly LostBlock[]): (leaf: Leaf) => number {
  const inner = lost.map((block, gap) => ({ ...block, gap })).filter(({ level }) => level > 0);
  return ({ first, generation }) => {
    const low = objectOfKey(first);
    const gap = inner.find(
      (block) => generation <= block.generation && low >= block.fromObject && low <= block.toObject,
    );
    return gap?.gap ?? -1;
  };
}

function objectOfKey(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const high = view.getUint32(4, true);
  return high > 0x1fffff ? wholeTree.toObject : high * 0x1_0000_0000 + view.getUint32(0, true);
}

function keyOf(node: Node, slot: number): Uint8Array {
  const stride = node.level === 0 ? 25 : KEY_POINTER.size;
  const at = HEADER.size + slot * stride;
  return node.bytes.slice(at, at + 17);
}

function objectOf(node: Node, slot: number): number {
  const high = node.objectHigh(slot);
  return high > 0x1fffff ? wholeTree.toObject : high * 0x1_0000_0000 + node.objectLow(slot);
}

export function reasonOf(error: unknown): Note {
  if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
    throw error;
  return noteOfError(error);
}
