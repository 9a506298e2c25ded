import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { MAX_LEVEL } from '../format/constants.ts';
import { readU64 } from '../format/numbers.ts';
import { ROOT_ITEM } from '../format/layouts.ts';
import type { Node } from './node.ts';
import type { TreeRoot } from './tree-root.ts';

/** The root of the tree that the root item in this slot describes. @throws Corrupt. */
export function parseTreeRoot(node: Node, slot: number): TreeRoot {
  const id = node.objectId(slot);
  const start = node.dataStart(slot);
  const { at } = ROOT_ITEM;
  if (node.dataSize(slot) < at.generationV2) throw bad(node, slot);
  const root = namedInRootItem(node, slot, () => ({
    id,
    logical: readU64(node.view, start + at.logical),
    level: node.bytes[start + at.level]!,
    generation: readU64(node.view, start + at.generation),
  }));
  if (root.level > MAX_LEVEL || root.logical < 0 || root.generation < 0) throw bad(node, slot);
  return root;
}

/** Reads numbers of the root item in this slot: one that cannot be is damage of the item. */
export function namedInRootItem<T>(node: Node, slot: number, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw bad(node, slot, cause);
  }
}

/** How far the kernel has come with dropping a deleted tree: what stands before is freed. */
export interface DropProgress {
  readonly level: number;
  readonly key: readonly [
    objectHigh: number,
    objectLow: number,
    type: number,
    offsetHigh: number,
    offsetLow: number,
  ];
}

/** Undefined for a tree that is whole. */
export function parseDropProgress(node: Node, slot: number): DropProgress | undefined {
  const start = node.dataStart(slot);
  const at = start + ROOT_ITEM.at.dropProgress;
  if (node.dataSize(slot) < ROOT_ITEM.at.generationV2) return undefined;
  if (node.bytes.subarray(at, at + 17).every((byte) => byte === 0)) return undefined;
  const word = (offset: number): number => node.view.getUint32(at + offset, true);
  const key = [word(4), word(0), node.bytes[at + 8]!, word(13), word(9)] as const;
  return { level: node.bytes[start + ROOT_ITEM.at.dropLevel]!, key };
}

/**
 * Whether the child in this slot is dropped already. At the level of the progress its key is
 * that of the next child to go; above, of the path to it (kernel: btrfs_drop_snapshot keeps
 * the pointers to what it has freed).
 */
export function isDropped(node: Node, slot: number, progress: DropProgress): boolean {
  if (node.level < progress.level) return false;
  if (node.level === progress.level) return node.compareKey(slot, ...progress.key) < 0;
  return slot + 1 < node.itemCount && node.compareKey(slot + 1, ...progress.key) <= 0;
}

function bad(node: Node, slot: number, cause?: unknown): Error {
  const tree = node.objectId(slot);
  return corrupt('root-item-damaged', say`The root item of tree ${{ tree }} is damaged.`, {
    hint: 'Try dendro rescue on the device.',
    place: { tree, logical: node.logical },
    cause,
  });
}
