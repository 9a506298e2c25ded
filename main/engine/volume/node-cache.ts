import type { Node } from './node.ts';

/**
 * Blocks by address. Inner blocks are kept apart: they are asked for again and again, and the leaves,
 * of which most are asked for once, would push them out.
 */
export class NodeCache {
  readonly #leaves: Generations;
  readonly #inner: Generations;

  /** @param nodes of each of both kinds that are kept at most. */
  constructor(nodes: number) {
    this.#leaves = new Generations(halfOf(nodes));
    this.#inner = new Generations(halfOf(nodes));
  }

  /** There is room for so many leaves from now on, or for more. */
  widen(leaves: number): void {
    this.#leaves.half = Math.max(this.#leaves.half, halfOf(leaves));
  }

  get(logical: number): Node | undefined {
    return this.#leaves.get(logical) ?? this.#inner.get(logical);
  }

  has(logical: number): boolean {
    return this.#leaves.has(logical) || this.#inner.has(logical);
  }

  set(node: Node): void {
    // an address may have been given to a block of another kind since
    const [kind, other] =
      node.level === 0 ? [this.#leaves, this.#inner] : [this.#inner, this.#leaves];
    kind.set(node);
    other.delete(node.logical);
  }

  clear(): void {
    this.#leaves.clear();
    this.#inner.clear();
  }
}

/**
 * Two halves: when the young half is full it becomes the old one and the old one is forgotten. A block
 * that is asked for moves to the young half.
 */
class Generations {
  half: number;
  #young = new Map<number, Node>();
  #old = new Map<number, Node>();

  constructor(half: number) {
    this.half = half;
  }

  get(logical: number): Node | undefined {
    const young = this.#young.get(logical);
    if (young !== undefined) return young;
    const old = this.#old.get(logical);
    if (old !== undefined) this.set(old);
    return old;
  }

  has(logical: number): boolean {
    return this.#young.has(logical) || this.#old.has(logical);
  }

  set(node: Node): void {
    if (this.#young.size >= this.half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(node.logical, node);
  }

  delete(logical: number): void {
    this.#young.delete(logical);
    this.#old.delete(logical);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}

function halfOf(nodes: number): number {
  return Math.max(16, Math.floor(nodes / 2));
}
