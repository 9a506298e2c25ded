import { conflict } from '../../../shared/errors.ts';
import { HEADER, ITEM } from '../format/layouts.ts';
import type { Node } from '../volume/node.ts';
import type { TreeRoot } from '../volume/tree-root.ts';
import { Expectation, LEAVES_AHEAD } from './expectation.ts';
import { isShared, Trail, type NodeSource } from './trail.ts';

/** What the walk over two trees tells, in key order. Nodes may be kept: they never change. */
export interface ItemVisitor {
  onlyOld(node: Node, slot: number): void;
  onlyNew(node: Node, slot: number): void;
  /** The same key with other data. */
  changed(oldNode: Node, oldSlot: number, newNode: Node, newSlot: number): void;
  /** Leaves of the new tree whose items come soon, in order, before the first of them. */
  upcoming(leaves: readonly Node[]): void;
}

/** Every item of a tree, as `onlyNew`. */
export function walkAll(source: NodeSource, root: TreeRoot, visitor: ItemVisitor): void {
  const trail = new Trail(source, root, true);
  let leaves: Node[] = [];
  let announced: readonly Node[] = [];
  let parent: Node | undefined;
  while (trail.valid) {
    if (trail.level === 1 && trail.node !== parent) {
      parent = trail.node;
      source.expect(childrenFrom(parent, trail.slot));
    }
    if (trail.level > 0) {
      trail.enter();
      continue;
    }
    leaves.push(trail.node);
    trail.slot = trail.node.itemCount - 1;
    trail.advance();
    if (leaves.length < LEAVES_AHEAD && trail.valid) continue;
    // a group ahead: what its leaves lead to is read while those before them are told
    visitor.upcoming(leaves);
    tell(announced, visitor);
    announced = leaves;
    leaves = [];
  }
  tell(announced, visitor);
}

function childrenFrom(node: Node, slot: number): number[] {
  const children: number[] = [];
  for (let i = slot; i < node.itemCount; i++) children.push(node.childLogical(i));
  return children;
}

function tell(leaves: readonly Node[], visitor: ItemVisitor): void {
  for (const node of leaves) {
    for (let slot = 0; slot < node.itemCount; slot++) visitor.onlyNew(node, slot);
  }
}

/** Every difference between two trees; subtrees that both share are not read. */
export function walkChanges(
  source: NodeSource,
  oldRoot: TreeRoot,
  newRoot: TreeRoot,
  visitor: ItemVisitor,
): void {
  const { logical, generation } = oldRoot;
  if (logical === newRoot.logical && generation === newRoot.generation) return;
  const a = new Trail(source, oldRoot, false);
  const b = new Trail(source, newRoot, false);
  const run = new EqualRun();
  const expectation = new Expectation(source);
  while (a.valid && b.valid) {
    if (a.epoch !== b.epoch) alignEpochs(a, b);
    if (a.level === 1 && b.level === 1) expectation.look(a, b);
    if (!run.skip(a, b)) step(a, b, visitor, expectation);
  }
  while (a.valid) rest(a, (node, slot) => visitor.onlyOld(node, slot));
  while (b.valid) rest(b, (node, slot) => visitor.onlyNew(node, slot));
}

const MAX_TRIES = 24;

/**
 * On a live volume one of the two may have had to move on to a newer generation: the other
 * follows, because an address of one generation may be other data in the next.
 */
function alignEpochs(a: Trail, b: Trail): void {
  for (let tries = 0; a.epoch !== b.epoch; tries++) {
    if (tries > MAX_TRIES) throw movesTooFast();
    if (a.epoch < b.epoch) a.renew();
    else b.renew();
  }
}

function movesTooFast(): Error {
  return conflict('trees-move', 'The filesystem changes faster than it can be read.', {
    hint: 'Try again when the balance is done, or pause it (btrfs balance pause).',
  });
}

const RUN_ITEMS = 32;
/** Items looked at one by one after a run was not equal. */
const PATIENCE = 8;

/**
 * Two leaves that differ in a few items are equal in long runs: those are compared at once, their
 * headers and their data, as long as nothing before them has changed its size.
 */
class EqualRun {
  #wait = 0;

  /** Passes over a run of equal items; false: look at the next item by itself. */
  skip(a: Trail, b: Trail): boolean {
    if (a.level !== 0 || b.level !== 0 || --this.#wait > 0) return false;
    const count = Math.min(a.node.itemCount - a.slot, b.node.itemCount - b.slot, RUN_ITEMS);
    if (count < 4 || !isEqualRun(a.node, a.slot, b.node, b.slot, count)) {
      this.#wait = PATIENCE;
      return false;
    }
    a.slot += count - 1;
    b.slot += count - 1;
    a.advance();
    b.advance();
    return true;
  }
}

function isEqualRun(a: Node, aSlot: number, b: Node, bSlot: number, count: number): boolean {
  const start = a.dataStart(aSlot + count - 1);
  if (start !== b.dataStart(bSlot + count - 1)) return false;
  const end = a.dataStart(aSlot) + a.dataSize(aSlot);
  const aHeads = HEADER.size + aSlot * ITEM.size;
  const bHeads = HEADER.size + bSlot * ITEM.size;
  const length = count * ITEM.size;
  return (
    Buffer.compare(
      a.bytes.subarray(aHeads, aHeads + length),
      b.bytes.subarray(bHeads, bHeads + length),
    ) === 0 && Buffer.compare(a.bytes.subarray(start, end), b.bytes.subarray(start, end)) === 0
  );
}

/** The place with the lower key goes on: a subtree is entered, an item is reported. */
function step(a: Trail, b: Trail, visitor: ItemVisitor, expectation: Expectation): void {
  const order = a.node.compareWith(a.slot, b.node, b.slot);
  if (order < 0) {
    if (a.level > 0) a.enter();
    else {
      visitor.onlyOld(a.node, a.slot);
      a.advance();
    }
  } else if (order > 0) {
    if (b.level > 0) enterNew(b, visitor, expectation);
    else {
      visitor.onlyNew(b.node, b.slot);
      b.advance();
    }
  } else if (a.level > b.level) a.enter();
  else if (a.level < b.level) enterNew(b, visitor, expectation);
  else if (a.level > 0) {
    if (isShared(a, b)) {
      a.advance();
      b.advance();
    } else {
      if (a.level > 1) expectation.lookAbove(a, b);
      a.enter();
      enterNew(b, visitor, expectation);
    }
  } else {
    if (!isEqualItem(a.node, a.slot, b.node, b.slot)) {
      visitor.changed(a.node, a.slot, b.node, b.slot);
    }
    a.advance();
    b.advance();
  }
}

function enterNew(trail: Trail, visitor: ItemVisitor, expectation: Expectation): void {
  trail.enter();
  if (trail.level > 0) return;
  const leaves = expectation.upcoming(trail.node);
  if (leaves.length > 0) visitor.upcoming(leaves);
}

function rest(trail: Trail, visit: (node: Node, slot: number) => void): void {
  if (trail.level > 0) trail.enter();
  else {
    visit(trail.node, trail.slot);
    trail.advance();
  }
}

/** Above this many bytes a native comparison is worth its call. */
const NATIVE_FROM = 96;

export function isEqualItem(a: Node, aSlot: number, b: Node, bSlot: number): boolean {
  const size = a.dataSize(aSlot);
  if (size !== b.dataSize(bSlot)) return false;
  const aStart = a.dataStart(aSlot);
  const bStart = b.dataStart(bSlot);
  if (size >= NATIVE_FROM) {
    const left = Buffer.from(a.bytes.buffer, a.bytes.byteOffset + aStart, size);
    return left.equals(b.bytes.subarray(bStart, bStart + size));
  }
  for (let i = 0; i < size; i++) {
    if (a.bytes[aStart + i] !== b.bytes[bStart + i]) return false;
  }
  return true;
}
