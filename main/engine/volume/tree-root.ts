import { TREE } from '../format/constants.ts';
import type { Superblock } from './superblock.ts';

/** Where a tree begins; snapshots and subvolumes are trees like the others. */
export interface TreeRoot {
  /** Special ids near 2^64 are small negatives. */
  readonly id: number;
  readonly logical: number;
  readonly level: number;
  readonly generation: number;
}

export function sameRoot(a: TreeRoot, b: TreeRoot): boolean {
  return a.logical === b.logical && a.generation === b.generation && a.level === b.level;
}

/** The tree of roots, as the superblock names it. */
export function rootTreeOf(superblock: Superblock): TreeRoot {
  const { root, rootLevel, generation } = superblock;
  return { id: TREE.root, logical: root, level: rootLevel, generation };
}

/** The chunk tree, as the superblock names it. */
export function chunkTreeOf(superblock: Superblock): TreeRoot {
  return {
    id: TREE.chunk,
    logical: superblock.chunkRoot,
    level: superblock.chunkRootLevel,
    generation: superblock.chunkRootGeneration,
  };
}
