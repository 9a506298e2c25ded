import { DendroError } from '../../../shared/errors.ts';
import { high32, low32 } from '../format/numbers.ts';
import { slotBefore, type NodeSource } from './cursor.ts';
import type { BlockPointer } from './node-reader.ts';
import type { TreeRoot } from './tree-root.ts';

/**
 * Where the leaves stand that hold, or would hold, an item of this type of each object; the leaves
 * are not read. What cannot be found for damage is left out.
 */
export function leafPointers(
  source: NodeSource,
  root: TreeRoot,
  objects: readonly number[],
  type: number,
): BlockPointer[] {
  const pointers = new Map<number, BlockPointer>();
  if (root.level === 0) return [];
  for (const object of objects) {
    const pointer = leafPointer(source, root, object, type);
    if (pointer !== undefined) pointers.set(pointer.logical, pointer);
  }
  return [...pointers.values()];
}

function leafPointer(
  source: NodeSource,
  root: TreeRoot,
  object: number,
  type: number,
): BlockPointer | undefined {
  let pointer: BlockPointer = root;
  try {
    while (pointer.level > 0) {
      const node = source.node(pointer.logical, { ...pointer, owner: root.id });
      const slot = Math.max(0, slotBefore(node, high32(object), low32(object), type, 0, 0));
      const [logical, generation] = [node.childLogical(slot), node.childGeneration(slot)];
      pointer = { logical, generation, level: node.level - 1 };
    }
    return pointer;
  } catch (error) {
    if (error instanceof DendroError && error.kind !== 'Cancelled') return undefined;
    throw error;
  }
}
