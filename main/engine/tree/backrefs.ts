import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { EXTENT_FLAG, KEY, TREE } from '../format/constants.ts';
import { EXTENT_DATA_REF, EXTENT_ITEM } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import type { Cursor, Node, Volume } from '../volume/index.ts';

/**
 * Who refers to a data extent, as the extent tree has it.
 * - `keyed`: `count` extent items of `inode` in the tree `root` whose
 *   `file offset - extent offset` is `offset` (modulo 2^64); trees that share the blocks of
 *   `root` are not named.
 * - `shared`: `count` extent items in the leaf at `parent`.
 */
export type ExtentReference =
  | {
      readonly kind: 'keyed';
      readonly root: number;
      readonly inode: number;
      readonly offset: bigint;
      readonly count: number;
    }
  | { readonly kind: 'shared'; readonly parent: number; readonly count: number };

/** The references to the data extent at this address, inline ones first. @throws Corrupt, Io. */
export function* extentReferences(
  volume: Volume,
  diskLogical: number,
): Generator<ExtentReference, void> {
  const cursor = volume.cursor(TREE.extent);
  cursor.seek(diskLogical, KEY.extentItem, 0);
  for (; cursor.valid && cursor.objectId === diskLogical; cursor.next()) {
    const { node, slot, type } = cursor;
    if (type === KEY.extentItem) yield* inlineReferences(cursor);
    else if (type === KEY.extentDataRef) yield keyed(node, node.dataStart(slot), slot);
    else if (type === KEY.sharedDataRef) {
      const count = node.view.getUint32(checked(node, slot, node.dataStart(slot), 4), true);
      yield { kind: 'shared', parent: node.offset(slot), count };
    }
  }
}

function* inlineReferences(cursor: Cursor): Generator<ExtentReference> {
  const { node, slot } = cursor;
  const { view } = node;
  const start = checked(node, slot, node.dataStart(slot), EXTENT_ITEM.size);
  const flags = view.getUint32(start + EXTENT_ITEM.at.flags, true);
  if ((flags & EXTENT_FLAG.data) === 0) return;
  const end = node.dataStart(slot) + node.dataSize(slot);
  for (let at = start + EXTENT_ITEM.size; at < end;) {
    const type = node.bytes[at]!;
    if (type === KEY.extentDataRef) {
      yield keyed(node, at + 1, slot);
      at += 1 + EXTENT_DATA_REF.size;
    } else if (type === KEY.sharedDataRef) {
      checked(node, slot, at, 13);
      const count = view.getUint32(at + 9, true);
      yield { kind: 'shared', parent: readU64(view, at + 1), count };
      at += 13;
    } else if (type === KEY.extentOwnerRef) {
      at += 9; // simple quotas: who allocated it
    } else throw bad(node, slot);
  }
}

function keyed(node: Node, at: number, slot: number): ExtentReference {
  const { root, inode, offset, count } = EXTENT_DATA_REF.read(
    node.view,
    checked(node, slot, at, EXTENT_DATA_REF.size),
  );
  return { kind: 'keyed', root, inode, offset, count };
}

/** @returns `at`, once `size` bytes from it lie within the item. */
function checked(node: Node, slot: number, at: number, size: number): number {
  if (at + size <= node.dataStart(slot) + node.dataSize(slot)) return at;
  throw bad(node, slot);
}

function bad(node: Node, slot: number): DendroError {
  return corrupt(
    'extent-item-damaged',
    say`The extent item of ${{ logical: node.objectId(slot) }} is damaged.`,
    {
      place: { tree: TREE.extent, logical: node.logical },
    },
  );
}
