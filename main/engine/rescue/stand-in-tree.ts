import { HEADER, KEY_POINTER } from '../format/layouts.ts';
import { Node, type TreeRoot, type Volume } from '../volume/index.ts';
import type { Leaf } from './salvage.ts';

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
  const made = kept.flatMap(({ unproven }) => unproven ?? []);
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

/**
 * The tree's own are in order already; what is found goes into the gaps, the newest first. Of one
 * generation it is the last in the volume: a leaf is written several times in a long transaction,
 * and the kernel looks for room from where it last found some.
 */
function inOrder(own: readonly Leaf[], found: readonly Leaf[]): Leaf[] {
  const kept = [...own].sort((a, b) => compareKeys(a.first, b.first));
  const newestFirst = [...found].sort(
    (a, b) => b.generation - a.generation || b.logical - a.logical,
  );
  for (const leaf of newestFirst) {
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

/** Little-endian numbers compared from their last byte down. */
function compareKeys(a: Uint8Array, b: Uint8Array): number {
  for (const i of [7, 6, 5, 4, 3, 2, 1, 0, 8, 16, 15, 14, 13, 12, 11, 10, 9]) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return 0;
}
