import { DendroError } from '../../../shared/errors.ts';
import type { Node } from '../volume/node.ts';
import type { NodeSource, Trail } from './trail.ts';

/** Leaves that are looked at together before their items are told. */
export const LEAVES_AHEAD = 32;
/** As many leaves as this are read while others are looked at; fewer are fetched at once. */
const LEAST = 3;
/** Pairs of inner blocks that are fetched at once, where few leaves below each differ. */
const SPARSE_PAIRS = 8;
/** Below this many differing leaves of a pair, the next pairs are needed soon. */
const SPARSE_LEAVES = 32;

interface Pointer {
  readonly logical: number;
  readonly generation: number;
}

/**
 * What a walk over two trees is going to read, known before it gets there: of two blocks that point
 * to leaves, those pointers that the other has not. Without it the walk would wait for each leaf.
 * Of inner blocks the next pairs that differ are fetched together.
 */
export class Expectation {
  readonly #source: NodeSource;
  #oldParent: Node | undefined;
  #newParent: Node | undefined;
  /** Leaves of the new tree in order, and how many of them have been told. */
  #fresh: readonly Pointer[] = [];
  #told = 0;
  /** Addresses of the inner blocks that were fetched last, and how many pairs are next. */
  #inner: ReadonlySet<number> = new Set();
  #pairs = SPARSE_PAIRS;

  constructor(source: NodeSource) {
    this.#source = source;
  }

  /** Both stand at pointers to leaves. */
  look(old: Trail, fresh: Trail): void {
    if (old.node === this.#oldParent && fresh.node === this.#newParent) return;
    this.#oldParent = old.node;
    this.#newParent = fresh.node;
    const gone = pointersWithout(old.node, old.slot, fresh.node);
    this.#fresh = pointersWithout(fresh.node, fresh.slot, old.node);
    this.#told = 0;
    const leaves = alternate(gone, this.#fresh);
    this.#pairs = leaves.length < SPARSE_LEAVES ? SPARSE_PAIRS : 1;
    if (leaves.length >= LEAST) this.#source.expect(leaves.map(({ logical }) => logical));
    else this.#source.fetch(leaves.map((leaf) => ({ ...leaf, level: 0 })));
  }

  /** Both stand at pointers to inner blocks that differ and are going to be entered. */
  lookAbove(old: Trail, fresh: Trail): void {
    if (this.#inner.has(fresh.node.childLogical(fresh.slot))) return;
    const gone = pointersWithout(old.node, old.slot, fresh.node);
    const come = pointersWithout(fresh.node, fresh.slot, old.node);
    const blocks = alternate(gone, come).slice(0, 2 * this.#pairs);
    this.#inner = new Set(blocks.map(({ logical }) => logical));
    this.#source.fetch(blocks.map((block) => ({ ...block, level: fresh.level - 1 })));
  }

  /** This leaf of the new tree and those that come next; none if they have been told before. */
  upcoming(leaf: Node): readonly Node[] {
    const { logical } = leaf;
    const index = this.#fresh.findIndex((pointer) => pointer.logical === logical);
    if (index < 0) return [leaf];
    if (index < this.#told) return [];
    const leaves = [leaf];
    for (let i = index + 1; i < this.#fresh.length && leaves.length < LEAVES_AHEAD; i++) {
      const next = this.#read(this.#fresh[i]!);
      if (next === undefined) break;
      leaves.push(next);
    }
    this.#told = index + leaves.length;
    return leaves;
  }

  /** What cannot be read now is met by the walk itself, which knows what to do. */
  #read({ logical, generation }: Pointer): Node | undefined {
    try {
      return this.#source.node(logical, { generation, level: 0 });
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
    if (!shared.has(logical)) own.push({ logical, generation: node.childGeneration(i) });
  }
  return own;
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
