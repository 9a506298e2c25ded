import { MAX_LEVEL, OBJECT, TREE } from '../format/constants.ts';
import { HEADER, ITEM, KEY_POINTER } from '../format/layouts.ts';
import type { Checksum } from './checksum.ts';

/** What the parent, or the superblock, says of a block. */
export interface Expected {
  readonly generation?: number;
  readonly level?: number;
  /** Id of the tree; snapshots share blocks, so only trees that are not subvolumes are held to it. */
  readonly owner?: number;
}
export interface CheckContext {
  readonly checksum: Checksum;
  readonly fsids: readonly Uint8Array[];
  readonly sectorSize: number;
}

/**
 * Looks at everything in a tree block that does not depend on the meaning of its items, in
 * the order in which it may be believed.
 * @returns a stable kebab-case word for what is wrong, or undefined for a good block.
 */
export function nodeFault(
  bytes: Uint8Array,
  view: DataView,
  logical: number,
  expected: Expected,
  context: CheckContext,
): string | undefined {
  if (!context.checksum.matches(bytes.subarray(32), bytes, 0)) return 'checksum';
  return structureFault(bytes, view, logical, expected, context);
}

/** The same without the checksum. */
export function structureFault(
  bytes: Uint8Array,
  view: DataView,
  logical: number,
  expected: Expected,
  context: CheckContext,
): string | undefined {
  return headerFault(bytes, view, logical, expected, context) ?? itemsFault(bytes, view, context);
}

function headerFault(
  bytes: Uint8Array,
  view: DataView,
  logical: number,
  expected: Expected,
  context: CheckContext,
): string | undefined {
  const { at } = HEADER;
  if (!context.fsids.some((fsid) => equalAt(bytes, at.fsid, fsid))) return 'fsid';
  if (!isNumber(view, at.logical, logical)) return 'logical-address';
  const level = bytes[at.level]!;
  if (level > MAX_LEVEL || level !== (expected.level ?? level)) return 'level';
  if (!isNumber(view, at.generation, expected.generation)) return 'generation';
  if (view.getUint16(at.generation + 6, true) !== 0) return 'generation';
  return ownerFault(view, expected.owner);
}

/** A subvolume's blocks belong to any subvolume (snapshots share); others to their own tree. */
function ownerFault(view: DataView, expected: number | undefined): string | undefined {
  const high = view.getInt32(HEADER.at.owner + 4, true);
  if (high < -0x200000 || high > 0x1fffff) return 'owner';
  if (expected === undefined) return undefined;
  const owner = high * 0x1_0000_0000 + view.getUint32(HEADER.at.owner, true);
  if (owner === expected || (isSubvolume(expected) && isSubvolume(owner))) return undefined;
  // while a balance runs, blocks of any tree may be owned by its relocation tree
  return owner === TREE.relocation || expected === TREE.relocation ? undefined : 'owner';
}

export function isSubvolume(id: number): boolean {
  return id === TREE.fs || id >= OBJECT.firstFree || id === TREE.dataRelocation;
}

function itemsFault(bytes: Uint8Array, view: DataView, context: CheckContext): string | undefined {
  const count = view.getUint32(HEADER.at.itemCount, true);
  const isLeaf = bytes[HEADER.at.level] === 0;
  const stride = isLeaf ? ITEM.size : KEY_POINTER.size;
  if (count * stride > bytes.length - HEADER.size) return 'item-count';
  if (!isLeaf && count === 0) return 'item-count';
  for (let at = HEADER.size + stride, i = 1; i < count; i += 1, at += stride) {
    if (!isAscending(view, at - stride, at)) return 'key-order';
  }
  return isLeaf ? leafFault(view, count, bytes.length) : pointerFault(view, count, context);
}

/** Items' data stand against the end of the block without gaps, first item last. */
function leafFault(view: DataView, count: number, nodeSize: number): string | undefined {
  let end = nodeSize - HEADER.size;
  for (let i = 0, at = HEADER.size + 17; i < count; i += 1, at += ITEM.size) {
    const offset = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    if (size > end || offset !== end - size) return 'item-bounds';
    end = offset;
  }
  return end < count * ITEM.size ? 'item-bounds' : undefined;
}

function pointerFault(view: DataView, count: number, context: CheckContext): string | undefined {
  for (let i = 0, at = HEADER.size + 17; i < count; i += 1, at += KEY_POINTER.size) {
    if (view.getUint32(at, true) % context.sectorSize !== 0) return 'child-address';
    if (view.getUint32(at + 4, true) > 0x1fffff) return 'child-address';
    if (view.getUint32(at + 12, true) > 0x1fffff) return 'child-generation';
  }
  return undefined;
}

/** Whether the key at `a` stands strictly before the one at `b`. */
function isAscending(view: DataView, a: number, b: number): boolean {
  const order =
    view.getUint32(a + 4, true) - view.getUint32(b + 4, true) ||
    view.getUint32(a, true) - view.getUint32(b, true) ||
    view.getUint8(a + 8) - view.getUint8(b + 8) ||
    view.getUint32(a + 13, true) - view.getUint32(b + 13, true) ||
    view.getUint32(a + 9, true) - view.getUint32(b + 9, true);
  return order < 0;
}

function isNumber(view: DataView, at: number, expected: number | undefined): boolean {
  if (expected === undefined) return true;
  return (
    view.getUint32(at, true) === expected % 0x1_0000_0000 &&
    view.getUint32(at + 4, true) === Math.floor(expected / 0x1_0000_0000)
  );
}

function equalAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false;
  return true;
}
