import { corrupt } from '../../../shared/errors.ts';
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
  if (node.dataSize(slot) < at.generationV2) throw bad(id, node.logical);
  const root = {
    id,
    logical: readU64(node.view, start + at.logical),
    level: node.bytes[start + at.level]!,
    generation: readU64(node.view, start + at.generation),
  };
  if (root.level > MAX_LEVEL || root.logical < 0 || root.generation < 0)
    throw bad(id, node.logical);
  return root;
}

function bad(tree: number, logical: number): Error {
  return corrupt('root-item-damaged', `The root item of tree ${tree} is damaged.`, {
    place: { tree, logical },
  });
}
