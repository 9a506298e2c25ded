import type { DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { corrupt } from '../../../shared/errors.ts';
import { MAX_LEVEL } from '../format/constants.ts';
import { high32, low32 } from '../format/numbers.ts';
import type { Node } from './node.ts';
import { treeGone } from './tree-gone.ts';
import { sameRoot, type TreeRoot } from './tree-root.ts';

/** Generations that one step may run after on a volume that is written to. */
const MAX_TRIES = 24;

/** What a cursor needs of the volume. */
export interface NodeSource {
  /** Counts the generations that were moved on to; see `Volume.refresh`. */
  readonly epoch: number;
  root(id: number): TreeRoot | undefined;
  node(logical: number, expected: { generation: number; level: number; owner?: number }): Node;
  nodeAhead(parent: Node, slot: number, owner: number): Node;
  /** Blocks that will soon be asked for, by address. Nothing depends on it but time. */
  expect(blocks: readonly number[]): void;
  /** Begins to read blocks that will be asked for soon, by address. Never throws for a bad one. */
  fetch(blocks: readonly number[]): void;
  /** After a failed read: true when the filesystem has moved on since `epoch`: worth a retry. */
  recover(error: unknown, epoch: number, tries: number): boolean;
}

/**
 * A place in a tree. Steps allocate nothing; blocks come verified. On a live volume, a
 * block that was reused meanwhile makes it take the newer generation's root of the same
 * tree and find its place again by key; the tries are bounded.
 *
 * ```
 * for (cursor.seek(inode, 0, 0); cursor.valid && cursor.objectId === inode; cursor.next()) ...
 * ```
 */
export class Cursor {
  /** The current leaf; only to be used while `valid`. */
  node!: Node;
  slot = 0;
  /** False before the first seek and past either end. */
  valid = false;
  /** The epoch whose root this walks: extents found here belong to it. */
  epoch: number;
  readonly #source: NodeSource;
  readonly #recovers: boolean;
  readonly #path: Node[] = [];
  readonly #slots = new Int32Array(MAX_LEVEL + 1);
  #root: TreeRoot;
  /** The object that this is bound to, and the last type in it; -1: none. */
  #object = -1;
  #lastType = 0;
  /** The level above the block that was read last, whether it could be or not. */
  #above = 0;
  /** What is looked for, as unsigned halves: kept for a seek again. */
  #objectHigh = 0;
  #objectLow = 0;
  #type = 0;
  #offsetHigh = 0;
  #offsetLow = 0;

  /** @param recovers false: a failed read is thrown as it is (the caller retries). */
  constructor(source: NodeSource, root: TreeRoot, recovers = true) {
    this.#source = source;
    this.#root = root;
    this.#recovers = recovers;
    this.epoch = source.epoch;
  }

  /**
   * From now on there is nothing behind the items of this object up to this type: a leaf that holds
   * others only is not read, and so cannot be bad.
   */
  within(objectId: number, lastType: number): this {
    this.#object = objectId;
    this.#lastType = lastType;
    return this;
  }

  get root(): TreeRoot {
    return this.#root;
  }
  get objectId(): number {
    return this.node.objectId(this.slot);
  }
  get type(): number {
    return this.node.type(this.slot);
  }
  get offset(): number {
    return this.node.offset(this.slot);
  }
  get dataStart(): number {
    return this.node.dataStart(this.slot);
  }
  get dataSize(): number {
    return this.node.dataSize(this.slot);
  }
  /** Levels of the tree; the path is `nodeAt(height - 1)` down to `nodeAt(0)`. */
  get height(): number {
    return this.#root.level + 1;
  }
  nodeAt(level: number): Node {
    return level === 0 ? this.node : this.#path[level]!;
  }
  slotAt(level: number): number {
    return level === 0 ? this.slot : this.#slots[level]!;
  }

  /** To the first item at or after the key; an offset of -1 is 2^64 - 1. False past the end. */
  seek(objectId: number, type: number, offset: number): boolean {
    return this.seekHalves(high32(objectId), low32(objectId), type, high32(offset), low32(offset));
  }

  /** `seek` by unsigned halves, for hashes and UUIDs. */
  seekHalves(
    objectHigh: number,
    objectLow: number,
    type: number,
    offsetHigh: number,
    offsetLow: number,
  ): boolean {
    this.#objectHigh = objectHigh;
    this.#objectLow = objectLow;
    this.#type = type;
    this.#offsetHigh = offsetHigh;
    this.#offsetLow = offsetLow;
    for (let tries = 0; ; tries += 1) {
      try {
        this.#descend();
        this.slot = this.#lowerBound(this.node);
        this.valid = true;
        return this.slot < this.node.itemCount || this.#nextLeaf(0);
      } catch (error) {
        this.#recover(error, tries);
      }
    }
  }

  /** To the last item at or before the key. False when there is none. */
  seekLast(objectId: number, type: number, offset: number): boolean {
    if (this.seek(objectId, type, offset) && this.#compare(this.node, this.slot) === 0) return true;
    return this.previous();
  }

  /** One item on. False past the end. */
  next(): boolean {
    if (!this.valid) return false;
    if (++this.slot < this.node.itemCount) return true;
    return this.#stepLeaf(1);
  }

  /** One item back; also from past the end. False before the first. */
  previous(): boolean {
    if (this.node === undefined) return false;
    if (this.slot > 0) {
      this.slot -= 1;
      this.valid = true;
      return true;
    }
    return this.#stepLeaf(-1);
  }

  /** To the first item of the next leaf: for walks that look at a leaf's items themselves. */
  nextLeaf(): boolean {
    if (this.valid) this.slot = this.node.itemCount - 1;
    return this.next();
  }

  /**
   * The children of the lowest inner block of the path that may hold items of this object and
   * type; undefined when they are not all below it, or there is no such block.
   */
  leavesOf(
    objectId: number,
    type: number,
  ): { readonly parent: Node; readonly first: number; readonly last: number } | undefined {
    if (this.#root.level === 0 || !this.valid) return undefined;
    const parent = this.#path[1]!;
    const [high, low] = [high32(objectId), low32(objectId)];
    const first = slotBefore(parent, high, low, type, 0, 0);
    const last = slotBefore(parent, high, low, type, 0xffffffff, 0xffffffff);
    if (first < 0 || last + 1 >= parent.itemCount) return undefined;
    return { parent, first, last };
  }

  /** Leaves the block at `level` of the path, whole: to the first item after it. */
  skipSubtree(level: number): boolean {
    let above = level + 1;
    while (above <= this.#root.level && this.slotAt(above) + 1 >= this.nodeAt(above).itemCount) {
      above += 1;
    }
    if (!this.valid || above > this.#root.level) {
      this.valid = false;
      return false;
    }
    const parent = this.nodeAt(above);
    const slot = this.slotAt(above) + 1;
    try {
      return this.#nextLeaf(level);
    } catch (error) {
      this.#recover(error, 0);
    }
    return this.#seekTo(parent, slot);
  }

  /**
   * After a seek or a step that threw because of a bad block: to the first item behind everything
   * that stands below that. False: there is none. Throws again where the next block is bad, too.
   */
  skipBadBlock(): boolean {
    const level = this.#levelWithMore(this.#above);
    this.valid = level <= this.#root.level;
    if (!this.valid) return false;
    const [parent, slot] = [this.nodeAt(level), this.slotAt(level) + 1];
    try {
      this.#enterNext(level);
      return true;
    } catch (error) {
      this.#recover(error, 0);
    }
    return this.#seekTo(parent, slot);
  }

  #stepLeaf(direction: 1 | -1): boolean {
    const leaf = this.node;
    const edge = direction > 0 ? leaf.itemCount - 1 : 0;
    try {
      return direction > 0 ? this.#nextLeaf(0) : this.#previousLeaf();
    } catch (error) {
      this.#recover(error, 0);
    }
    // the path is of an older generation: find the edge item again in the new one
    this.#seekTo(leaf, edge);
    if (direction < 0) return this.previous();
    return this.valid && this.#compare(this.node, this.slot) === 0 ? this.next() : this.valid;
  }

  #seekTo(node: Node, slot: number): boolean {
    return this.seekHalves(
      node.objectHigh(slot),
      node.objectLow(slot),
      node.type(slot),
      node.offsetHigh(slot),
      node.offsetLow(slot),
    );
  }

  #nextLeaf(above: number): boolean {
    const level = this.#levelWithMore(above + 1);
    if (level > this.#root.level) {
      this.slot = this.node.itemCount;
      this.valid = false;
      return false;
    }
    const last = this.node;
    this.#enterNext(level);
    this.#checkOrder(last, last.itemCount - 1, this.node, 0);
    return true;
  }

  /** The first one, from here up, whose block goes on with what is wanted; else above the root. */
  #levelWithMore(from: number): number {
    const top = this.#root.level;
    let level = from;
    while (level <= top && this.#slots[level]! + 1 >= this.#path[level]!.itemCount) level += 1;
    const isEnd = level > top || (this.#object >= 0 && !this.#isWithin(level));
    return isEnd ? top + 1 : level;
  }

  /** Whether the next child of the block at this level begins with what this is bound to. */
  #isWithin(level: number): boolean {
    const parent = this.#path[level]!;
    const next = this.#slots[level]! + 1;
    // by halves: a number that cannot be must not throw here, where no step has been made yet
    return (
      parent.objectHigh(next) === high32(this.#object) &&
      parent.objectLow(next) === low32(this.#object) &&
      parent.type(next) <= this.#lastType
    );
  }

  /** To the first item below the next child of the block at this level. */
  #enterNext(from: number): void {
    this.#slots[from]! += 1;
    for (let level = from; level > 0; level -= 1) this.#enter(level, this.#slots[level]!, 0);
    this.slot = 0;
  }

  #previousLeaf(): boolean {
    let level = 1;
    while (level <= this.#root.level && this.#slots[level] === 0) level += 1;
    if (level > this.#root.level) {
      this.valid = false;
      return false;
    }
    const first = this.node;
    this.#slots[level]! -= 1;
    for (; level > 0; level -= 1) this.#enter(level, this.#slots[level]!, -1);
    this.slot = this.node.itemCount - 1;
    this.valid = true;
    if (first.itemCount > 0) this.#checkOrder(this.node, this.slot, first, 0);
    return true;
  }

  /** Goes from the inner node at `level` to its child; its slot is its first or last (-1). */
  #enter(level: number, slot: number, edge: 0 | -1): void {
    const parent = this.#path[level]!;
    const child = this.#child(parent, slot, true);
    this.#path[level - 1] = child;
    this.#slots[level - 1] = edge === 0 ? 0 : child.itemCount - 1;
    if (level === 1) this.node = child;
  }

  #descend(): void {
    const { id, logical, level, generation } = this.#root;
    this.#above = level + 1;
    let node = this.#source.node(logical, { generation, level, owner: id });
    const last = this.#path[1];
    for (;;) {
      this.#path[node.level] = node;
      if (node.level === 0) break;
      const bound = this.#lowerBound(node);
      const isExact = bound < node.itemCount && this.#compare(node, bound) === 0;
      const slot = isExact ? bound : Math.max(0, bound - 1);
      // a look-up that leads to the next leaf is a step: those behind it will be wanted, too
      const isStep = node.level === 1 && node === last && slot === this.#slots[1]! + 1;
      this.#slots[node.level] = slot;
      node = this.#child(node, slot, isStep);
    }
    this.node = node;
  }

  #child(parent: Node, slot: number, ahead: boolean): Node {
    const { id } = this.#root;
    this.#above = parent.level;
    const child = ahead
      ? this.#source.nodeAhead(parent, slot, id)
      : this.#source.node(parent.childLogical(slot), {
          generation: parent.childGeneration(slot),
          level: parent.level - 1,
          owner: id,
        });
    if (child.itemCount === 0 || child.compareWith(0, parent, slot) !== 0) {
      throw misplaced(child, id);
    }
    return child;
  }

  #checkOrder(before: Node, beforeSlot: number, after: Node, afterSlot: number): void {
    if (before.compareWith(beforeSlot, after, afterSlot) >= 0)
      throw misplaced(after, this.#root.id);
  }

  #lowerBound(node: Node): number {
    let low = 0;
    for (let high = node.itemCount; low < high;) {
      const middle = (low + high) >>> 1;
      if (this.#compare(node, middle) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(node: Node, slot: number): number {
    return node.compareKey(
      slot,
      this.#objectHigh,
      this.#objectLow,
      this.#type,
      this.#offsetHigh,
      this.#offsetLow,
    );
  }

  #recover(error: unknown, tries: number): void {
    this.valid = false;
    if (!this.#recovers || tries > MAX_TRIES) throw error;
    if (this.#adoptNewRoot(error)) return;
    if (!this.#source.recover(error, this.epoch, tries)) throw error;
    this.#adoptNewRoot(error);
  }

  /** Takes the root that the tree has in the volume's generation, if it is another. */
  #adoptNewRoot(error: unknown): boolean {
    this.epoch = this.#source.epoch;
    const root = this.#source.root(this.#root.id);
    if (root === undefined) throw treeGone(this.#root.id, error);
    const isNew = !sameRoot(root, this.#root);
    this.#root = root;
    return isNew;
  }
}

/** The last slot whose key is at or before the given one, or -1. */
export function slotBefore(
  node: Node,
  objectHigh: number,
  objectLow: number,
  type: number,
  offsetHigh: number,
  offsetLow: number,
): number {
  let low = 0;
  for (let high = node.itemCount; low < high;) {
    const middle = (low + high) >>> 1;
    const order = node.compareKey(middle, objectHigh, objectLow, type, offsetHigh, offsetLow);
    if (order <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function misplaced(node: Node, tree: number): DendroError {
  return corrupt(
    'tree-order',
    say`The tree block at ${{ logical: node.logical }} does not fit its place.`,
    {
      hint: 'Try dendro rescue on the device.',
      place: { tree, logical: node.logical },
    },
  );
}
