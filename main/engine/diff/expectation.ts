import { DendroError } from '../../../shared/errors.ts';
import type { Node } from '../volume/node.ts';
import type { NodeSource, Trail } from './trail.ts';

/** Leaves that are looked at together before their items are told. */
export const LEAVES_AHEAD = 32;
/** Pairs of inner blocks that are being read before the walk comes to them. */
const PAIRS_AHEAD = 8;
/** Leaves that are to be known before the walk comes to them: those of the next pairs, too. */
const LEAVES_PLANNED = 128;

interface Pointer {
  readonly logical: number;
  readonly generation: number;
}

/** Blocks that begin with one key: of the old tree, the new one, or both. */
interface Differing {
  readonly old?: Pointer;
  readonly fresh?: Pointer;
}

/**
 * What a walk over two trees is going to read, known before it gets there: of two blocks that point
 * to leaves, those pointers that the other has not. Without it the walk would wait for each leaf.
 * The blocks of the next pairs are read meanwhile, so that there is always something to be read.
 */
export class Expectation {
  readonly #source: NodeSource;
  #oldParent: Node | undefined;
  #newParent: Node | undefined;
  /** Leaves of the new tree in order, and how many of them have been told. */
  #fresh: readonly Pointer[] = [];
  #told = 0;
  /** Pairs of blocks that point to leaves, from the one that is entered next on. */
  #pairs: readonly Differing[] = [];
  /** In which their addresses are good. */
  #epoch = 0;

  constructor(source: NodeSource) {
    this.#source = source;
  }

  /** Both stand at pointers to leaves. */
  look(old: Trail, fresh: Trail): void {
    if (old.node === this.#oldParent && fresh.node === this.#newParent) return;
    this.#oldParent = old.node;
    this.#newParent = fresh.node;
    this.#fresh = pointersWithout(fresh.node, fresh.slot, old.node);
    this.#told = 0;
    const leaves = alternate(pointersWithout(old.node, old.slot, fresh.node), this.#fresh);
    const next = fresh.epoch === this.#epoch ? this.#leavesOfNext(leaves.length) : [];
    this.#source.expect([...leaves, ...next].map(addressOf));
  }

  /** Both stand at pointers to inner blocks that differ and are going to be entered. */
  lookAbove(old: Trail, fresh: Trail): void {
    const pairs = differing(old.node, old.slot, fresh.node, fresh.slot, PAIRS_AHEAD);
    this.#source.fetch(
      pairs.flatMap(({ old, fresh }) => [old, fresh].filter(isThere).map(addressOf)),
    );
    this.#pairs = fresh.level === 2 ? pairs : [];
    this.#epoch = fresh.epoch;
  }

  /** This leaf of the new tree and those that come next; none if they have been told before. */
  upcoming(leaf: Node): readonly Node[] {
    const { logical } = leaf;
    const index = this.#fresh.findIndex((pointer) => pointer.logical === logical);
    if (index < 0) return [leaf];
    if (index < this.#told) return [];
    const leaves = [leaf];
    for (let i = index + 1; i < this.#fresh.length && leaves.length < LEAVES_AHEAD; i++) {
      const next = this.#read(this.#fresh[i]!, 0);
      if (next === undefined) break;
      leaves.push(next);
    }
    this.#told = index + leaves.length;
    return leaves;
  }

  /** Leaves below the next pairs, as long as fewer than enough are known. */
  #leavesOfNext(known: number): Pointer[] {
    const leaves: Pointer[] = [];
    for (const { old, fresh } of this.#pairs.slice(1)) {
      if (known + leaves.length >= LEAVES_PLANNED) break;
      const oldNode = old && this.#read(old, 1);
      const newNode = fresh && this.#read(fresh, 1);
      if (oldNode === undefined || newNode === undefined) break;
      leaves.push(
        ...alternate(pointersWithout(oldNode, 0, newNode), pointersWithout(newNode, 0, oldNode)),
      );
    }
    return leaves;
  }

  /** What cannot be read now is met by the walk itself, which knows what to do. */
  #read({ logical, generation }: Pointer, level: number): Node | undefined {
    try {
      return this.#source.node(logical, { generation, level });
    } catch (error) {
      if (error instanceof DendroError && error.kind !== 'Cancelled') return undefined;
      throw error;
    }
  }
}

/**
 * Pointers from `slot` on that the other node has not, as far as the other one's keys go: what comes
 * later may be shared with the block behind it, when one of two was split.
 */
function pointersWithout(node: Node, slot: number, other: Node): Pointer[] {
  const shared = new Set<number>();
  for (let i = 0; i < other.itemCount; i++) shared.add(other.childLogical(i));
  const own: Pointer[] = [];
  for (let i = slot; i < node.itemCount; i++) {
    if (node.compareWith(i, other, other.itemCount - 1) > 0) break;
    const logical = node.childLogical(i);
    if (!shared.has(logical)) own.push(pointerAt(node, i));
  }
  return own;
}

/** Children that only one of the two has, those of one key together, in order: at most so many. */
function differing(
  old: Node,
  oldSlot: number,
  fresh: Node,
  newSlot: number,
  most: number,
): Differing[] {
  const found: Differing[] = [];
  let [a, b] = [oldSlot, newSlot];
  while (a < old.itemCount && b < fresh.itemCount && found.length < most) {
    const order = old.compareWith(a, fresh, b);
    if (order < 0) found.push({ old: pointerAt(old, a) });
    else if (order > 0) found.push({ fresh: pointerAt(fresh, b) });
    else if (old.childLogical(a) !== fresh.childLogical(b)) {
      found.push({ old: pointerAt(old, a), fresh: pointerAt(fresh, b) });
    }
    if (order <= 0) a += 1;
    if (order >= 0) b += 1;
  }
  return found;
}

function pointerAt(node: Node, slot: number): Pointer {
  return { logical: node.childLogical(slot), generation: node.childGeneration(slot) };
}

function isThere(pointer: Pointer | undefined): pointer is Pointer {
  return pointer !== undefined;
}

function addressOf({ logical }: Pointer): number {
  return logical;
}

/** Both lists are walked side by side. */
function alternate(a: readonly Pointer[], b: readonly Pointer[]): Pointer[] {
  const all: Pointer[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (i < a.length) all.push(a[i]!);
    if (i < b.length) all.push(b[i]!);
  }
  return all;
}
