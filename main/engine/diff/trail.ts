import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { NodeSource } from '../volume/cursor.ts';
import type { Node } from '../volume/node.ts';
import { treeGone } from '../volume/tree-gone.ts';
import type { TreeRoot } from '../volume/tree-root.ts';

export type { NodeSource };
type KeyHalves = readonly [number, number, number, number, number];

/** After so many children entered in a row, what follows them is read along. */
const ROW = 3;
/** Slots between two children that still count as in a row. */
const NEAR_SLOTS = 3;

/**
 * A place in a tree that may stand above the leaves: at a pointer whose subtree has not been
 * read. Two trees are compared pointer by pointer, and what they share is never read.
 *
 * Level 0 is an item of a leaf; level n > 0 is a pointer to a subtree of height n. On a live
 * volume a block that was reused meanwhile makes it find its place again by key in the newer
 * generation's tree, like `Cursor`.
 */
export class Trail {
  /** The node that holds the place; `level` is its level. Only while `valid`. */
  node!: Node;
  slot = 0;
  level = 0;
  valid = true;
  readonly #source: NodeSource;
  readonly #readsAhead: boolean;
  readonly #nodes: Node[] = [];
  readonly #slots: number[] = [];
  #root: TreeRoot;
  #epoch: number;
  #lastParent: Node | undefined;
  #lastSlot = 0;
  #inRow = 0;

  /**
   * Starts at the first item of the tree as it is now: the root may have been looked up in an earlier
   * epoch. `readsAhead`: the whole tree is going to be read.
   */
  constructor(source: NodeSource, root: TreeRoot, readsAhead: boolean) {
    this.#source = source;
    this.#root = source.root(root.id) ?? root;
    this.#readsAhead = readsAhead;
    this.#epoch = source.epoch;
    this.#retry(() => this.#stand(this.#readRoot(), 0));
    if (this.node.itemCount === 0) this.valid = false;
  }

  /** The epoch whose tree this walks: addresses of two trees mean the same in one epoch only. */
  get epoch(): number {
    return this.#epoch;
  }

  /** To the same place in the newest generation that the volume knows. */
  renew(): void {
    const key = keyAt(this.node, this.slot);
    const { level } = this;
    this.#adopt();
    this.#retry(() => this.#find(key, level));
  }

  /** Into the subtree that is pointed to, at its first place. */
  enter(): void {
    const { node, slot } = this;
    try {
      this.#enter(node, slot);
    } catch (error) {
      this.#again(error, keyAt(node, slot), this.level - 1);
    }
  }

  /** Past this item or subtree; up where a node ends. False at the end of the tree. */
  advance(): boolean {
    this.slot++;
    while (this.slot >= this.node.itemCount) {
      const level = this.level + 1;
      if (level > this.#root.level) {
        this.valid = false;
        return false;
      }
      this.node = this.#nodes[level]!;
      this.slot = this.#slots[level]! + 1;
      this.level = level;
    }
    return true;
  }

  #enter(parent: Node, slot: number): void {
    const { id } = this.#root;
    const child =
      this.#readsAhead || this.#isInRow(parent, slot)
        ? this.#source.nodeAhead(parent, slot, id)
        : this.#source.node(parent.childLogical(slot), {
            generation: parent.childGeneration(slot),
            level: parent.level - 1,
            owner: id,
          });
    if (child.itemCount === 0 || child.compareWith(0, parent, slot) !== 0) {
      throw misplaced(child, id);
    }
    this.#nodes[parent.level] = parent;
    this.#slots[parent.level] = slot;
    this.#stand(child, 0);
  }

  /** Where children are entered one after the other, those that follow will be, too. */
  #isInRow(parent: Node, slot: number): boolean {
    const isNext = parent === this.#lastParent && slot - this.#lastSlot <= NEAR_SLOTS;
    this.#inRow = isNext ? this.#inRow + 1 : 0;
    this.#lastParent = parent;
    this.#lastSlot = slot;
    return this.#inRow >= ROW;
  }

  #stand(node: Node, slot: number): void {
    this.node = node;
    this.slot = slot;
    this.level = node.level;
  }

  #readRoot(): Node {
    const { id, logical, level, generation } = this.#root;
    return this.#source.node(logical, { generation, level, owner: id });
  }

  #retry(read: () => void): void {
    for (let tries = 0; ; tries++) {
      try {
        return read();
      } catch (error) {
        this.#recover(error, tries);
      }
    }
  }

  /** Finds the key again from the new root, down to the level that was wanted. */
  #again(error: unknown, key: KeyHalves, level: number): void {
    this.#recover(error, 0);
    this.#retry(() => this.#find(key, level));
  }

  #find(key: KeyHalves, level: number): void {
    let node = this.#readRoot();
    for (;;) {
      const slot = lowerOrEqual(node, key);
      if (node.level <= level) return this.#stand(node, slot);
      this.#enter(node, slot);
      node = this.node;
    }
  }

  #recover(error: unknown, tries: number): void {
    if (!this.#source.recover(error, this.#epoch, tries)) throw error;
    if (!this.#adopt()) throw treeGone(this.#root.id, error);
  }

  #adopt(): boolean {
    const root = this.#source.root(this.#root.id);
    this.#epoch = this.#source.epoch;
    if (root === undefined) return false;
    this.#root = root;
    return true;
  }
}

/** Whether two places point to one and the same block. */
export function isShared(a: Trail, b: Trail): boolean {
  return (
    a.node.childLogical(a.slot) === b.node.childLogical(b.slot) &&
    a.node.childGeneration(a.slot) === b.node.childGeneration(b.slot)
  );
}

function keyAt(node: Node, slot: number): KeyHalves {
  return [
    node.objectHigh(slot),
    node.objectLow(slot),
    node.type(slot),
    node.offsetHigh(slot),
    node.offsetLow(slot),
  ];
}

/** The last slot whose key is at or before the given one; 0 when none is. */
function lowerOrEqual(node: Node, key: KeyHalves): number {
  let low = 0;
  for (let high = node.itemCount; low < high;) {
    const middle = (low + high) >>> 1;
    if (node.compareKey(middle, ...key) <= 0) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

function misplaced(node: Node, tree: number): Error {
  return corrupt(
    'tree-order',
    say`The tree block at ${{ logical: node.logical }} does not fit its place.`,
    {
      hint: 'Try dendro rescue on the device.',
      place: { tree, logical: node.logical },
    },
  );
}
