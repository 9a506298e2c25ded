import { DendroError } from '../../../shared/errors.ts';
import { high32, low32 } from '../format/numbers.ts';
import { slotBefore, type NodeSource } from './cursor.ts';
import type { Node } from './node.ts';
import type { TreeRoot } from './tree-root.ts';

/**
 * Where the leaves stand that hold, or would hold, an item of this type of each object, once each in
 * the order of the objects; the leaves are not read, and what lies above them is read level by level,
 * many blocks at a time. What cannot be found for damage is left out.
 */
export function leafAddresses(
  source: NodeSource,
  root: TreeRoot,
  objects: readonly number[],
  type: number,
): number[] {
  if (root.level === 0) return [];
  let blocks = new Map<number, Sought>([[root.logical, { pointer: root, objects: [...objects] }]]);
  for (let level = root.level; level > 0; level -= 1) {
    source.fetch([...blocks.keys()]);
    const below = new Map<number, Sought>();
    for (const sought of blocks.values()) addChildren(source, root, sought, type, below);
    blocks = below;
  }
  return [...blocks.keys()];
}

/** Where a block stands, and what the block that points to it says of it. */
interface BlockPointer {
  readonly logical: number;
  readonly generation: number;
  readonly level: number;
}

/** A block, and the objects that are to be found below it. */
interface Sought {
  readonly pointer: BlockPointer;
  readonly objects: number[];
}

function addChildren(
  source: NodeSource,
  root: TreeRoot,
  { pointer, objects }: Sought,
  type: number,
  below: Map<number, Sought>,
): void {
  const node = readable(source, root, pointer);
  if (node === undefined) return;
  for (const object of objects) {
    const slot = Math.max(0, slotBefore(node, high32(object), low32(object), type, 0, 0));
    const logical = node.childLogical(slot);
    const known = below.get(logical);
    if (known !== undefined) known.objects.push(object);
    else {
      const generation = node.childGeneration(slot);
      below.set(logical, {
        pointer: { logical, generation, level: node.level - 1 },
        objects: [object],
      });
    }
  }
}

function readable(source: NodeSource, root: TreeRoot, pointer: BlockPointer): Node | undefined {
  try {
    return source.node(pointer.logical, { ...pointer, owner: root.id });
  } catch (error) {
    if (error instanceof DendroError && error.kind !== 'Cancelled') return undefined;
    throw error;
  }
}
