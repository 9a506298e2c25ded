import type { Node } from './node.ts';

/**
 * Blocks by address, in two halves: when the young half is full it becomes the old one and
 * the old one is forgotten. A block that is asked for moves to the young half.
 */
export class NodeCache {
  #half: number;
  #young = new Map<number, Node>();
  #old = new Map<number, Node>();

  constructor(nodes: number) {
    this.#half = Math.max(16, Math.floor(nodes / 2));
  }

  /** There is room for so many from now on, or for more. */
  widen(nodes: number): void {
    this.#half = Math.max(this.#half, Math.floor(nodes / 2));
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
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(node.logical, node);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
