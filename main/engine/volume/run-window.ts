import { GAP_BLOCKS } from './blocks-ahead.ts';
import type { Node } from './node.ts';

/** The most that is read at once. */
export const AHEAD_BYTES = 2048 * 1024;
/** A walk that goes on doubles this, block by block, up to `AHEAD_BYTES`. */
const FIRST_WINDOW = 4;

/** Which children of a block a walk that asks for one of them is going to want with it. */
export class RunWindow {
  readonly #nodeSize: number;
  /** How many children the next run may take, and where the last one ended. */
  #window = FIRST_WINDOW;
  #lastParent = -1;
  #lastSlot = -1;

  constructor(nodeSize: number) {
    this.#nodeSize = nodeSize;
  }

  /** Slots from `slot` on whose blocks make one dense run around it, by address. */
  around(parent: Node, slot: number): number[] {
    this.#adapt(parent, slot);
    const logical = parent.childLogical(slot);
    const size = this.#nodeSize;
    const limit = Math.min(parent.itemCount, slot + this.#window);
    const near: number[] = [];
    for (let i = slot; i < limit; i += 1) {
      if (Math.abs(parent.childLogical(i) - logical) < AHEAD_BYTES) near.push(i);
    }
    near.sort((a, b) => parent.childLogical(a) - parent.childLogical(b));
    const middle = near.indexOf(slot);
    const isClose = (a: number, b: number): boolean =>
      parent.childLogical(b) - parent.childLogical(a) <= size * (1 + GAP_BLOCKS);
    let first = middle;
    while (first > 0 && isClose(near[first - 1]!, near[first]!)) first -= 1;
    let last = middle;
    while (last + 1 < near.length && isClose(near[last]!, near[last + 1]!)) last += 1;
    const fits = (i: number): boolean =>
      parent.childLogical(near[i]!) + size - parent.childLogical(near[first]!) <= AHEAD_BYTES;
    while (!fits(last) && first < middle) first += 1;
    while (!fits(last)) last -= 1;
    return near.slice(first, last + 1);
  }

  #adapt(parent: Node, slot: number): void {
    const goesOn = parent.logical === this.#lastParent ? slot <= this.#lastSlot : slot === 0;
    const most = AHEAD_BYTES / this.#nodeSize;
    this.#window = goesOn ? Math.min(this.#window * 2, most) : FIRST_WINDOW;
    this.#lastParent = parent.logical;
    this.#lastSlot = slot + this.#window;
  }
}
