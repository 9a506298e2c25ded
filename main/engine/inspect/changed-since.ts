import { Trail } from '../diff/trail.ts';
import { KEY } from '../format/constants.ts';
import { Inode, inodePath, type Subvolume } from '../tree/index.ts';

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
  const trail = new Trail(subvolume.volume, subvolume.root, false);
  while (trail.valid) {
    const { node, slot, level } = trail;
    if (level > 0) {
      // the pointer knows: what was not written since is not even read
      if (node.childGeneration(slot) > generation) trail.enter();
      else trail.advance();
      continue;
    }
    if (node.type(slot) === KEY.inodeItem) {
      const inode = new Inode(node, slot);
      if (inode.transid > generation) yield describe(subvolume, inode, generation);
    }
    trail.advance();
  }
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
