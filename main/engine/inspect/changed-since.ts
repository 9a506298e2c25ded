import { KEY } from '../format/constants.ts';
import { Inode, inodePath, type Subvolume } from '../tree/index.ts';
import type { Cursor } from '../volume/index.ts';

export interface ChangedInode {
  readonly inode: number;
  /** From the subvolume's top; undefined for one that has no name any more. */
  readonly path: Uint8Array | undefined;
  readonly mode: number;
  readonly sizeBytes: number;
  /** The generation that changed it last. */
  readonly transid: number;
  /** Made after the generation asked for, rather than changed. */
  readonly isNew: boolean;
}

/**
 * Every inode of the subvolume that was changed after `generation`: the walk goes only into
 * blocks written since, so that it is quick however large the rest is.
 *
 * Its limits: what was deleted leaves no trace but the new time of its directory; which of
 * an inode's properties changed is not known; a change and its undoing still is a change.
 * The comparison of two snapshots has none of these.
 * @throws Corrupt, Io, Cancelled.
 */
export function* changedSince(subvolume: Subvolume, generation: number): Generator<ChangedInode> {
  const cursor = subvolume.cursor();
  cursor.seek(0, 0, 0);
  while (cursor.valid) {
    const old = oldLevel(cursor, generation);
    if (old >= 0) {
      cursor.skipSubtree(old);
      continue;
    }
    const { node } = cursor;
    for (; cursor.slot < node.itemCount; cursor.slot += 1) {
      if (node.type(cursor.slot) !== KEY.inodeItem) continue;
      const inode = new Inode(node, cursor.slot);
      if (inode.transid > generation) yield describe(subvolume, inode, generation);
    }
    cursor.nextLeaf();
  }
}

/** The highest level of the path whose block is not newer than the generation, or -1. */
function oldLevel(cursor: Cursor, generation: number): number {
  for (let level = cursor.height - 1; level >= 0; level -= 1) {
    if (cursor.nodeAt(level).generation <= generation) return level;
  }
  return -1;
}

function describe(subvolume: Subvolume, inode: Inode, generation: number): ChangedInode {
  return {
    inode: inode.number,
    path: inodePath(subvolume, inode.number),
    mode: inode.mode,
    sizeBytes: inode.size,
    transid: inode.transid,
    isNew: inode.generation > generation,
  };
}
