import { KEY, TREE } from '../format/constants.ts';
import { isDropped, parseDropProgress, type TreeRoot, type Volume } from '../volume/index.ts';

export interface Subtree {
  readonly logical: number;
  readonly level: number;
  readonly generation: number;
}
/** What there is of a tree. */
export interface Remains {
  /** All of these, whole. */
  readonly subtrees: readonly Subtree[];
  /** Blocks above them of which not all children are left. */
  readonly pathBlocks: number;
}

/**
 * A tree that is being deleted keeps its pointers to blocks that are freed already: what is
 * left is to the right of one path. Of any other tree, all of it. @throws Corrupt, Io.
 */
export function remainsOf(volume: Volume, root: TreeRoot): Remains {
  const cursor = volume.cursor(TREE.root);
  const isThere = cursor.seek(root.id, KEY.rootItem, 0) && cursor.objectId === root.id;
  const dropped = isThere ? parseDropProgress(cursor.node, cursor.slot) : undefined;
  if (dropped === undefined) return { subtrees: [root], pathBlocks: 0 };
  const subtrees: Subtree[] = [];
  let pathBlocks = 0;
  for (let at: Subtree | undefined = root; at !== undefined;) {
    const node = volume.node(at.logical, { ...at, owner: root.id });
    pathBlocks += 1;
    const left: Subtree[] = [];
    for (let slot = 0; node.level > 0 && slot < node.itemCount; slot += 1) {
      if (isDropped(node, slot, dropped)) continue;
      const [logical, generation] = [node.childLogical(slot), node.childGeneration(slot)];
      left.push({ logical, generation, level: node.level - 1 });
    }
    // above the level of the progress, the first child left is the next block of the path
    at = node.level > dropped.level ? left.shift() : undefined;
    subtrees.push(...left);
  }
  return { subtrees, pathBlocks };
}
