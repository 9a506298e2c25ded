import { BARRING, fileFlags, trySetBarring } from '../../linux/btrfs-ioctl-file.ts';
import { directoryPath } from '../../linux/btrfs-ioctl-search.ts';
import { closeFd, cString, O_NOFOLLOW, O_RDONLY, openPath, statFd } from '../../linux/files.ts';
import { DendroError } from '../../../shared/errors.ts';
import { checked } from '../../linux/libc-error.ts';
import { ConfinedTree, Place } from './confined-tree.ts';
import type { LossReport } from './loss-report.ts';
import { lostFlags } from './lost.ts';

const SLASH = 0x2f;

/**
 * Sets the flags that had to wait, by inode number: the inode may have been renamed since, and
 * one that is gone needs none. `top` is the subvolume's top directory.
 */
export function applyFlags(top: number, flags: Map<number, number>, losses: LossReport): void {
  const tree = new ConfinedTree(top);
  try {
    for (const [inode, value] of flags) {
      // Nothing forbids changes before the end.
      if ((value & BARRING) === 0) continue;
      const found = directoryPath(top, 0, BigInt(inode));
      if (found === undefined) continue;
      const path = found.at(-1) === SLASH ? found.subarray(0, -1) : found;
      try {
        setOn(tree, path, inode, value);
      } catch (error) {
        if (!(error instanceof DendroError)) throw error;
        losses.add(path, lostFlags(error.message));
      }
    }
  } finally {
    tree.close();
  }
}

function setOn(tree: ConfinedTree, path: Buffer, inode: number, value: number): void {
  const fd = open(tree, path);
  try {
    if (statFd(fd).inode !== inode) return;
    if (((fileFlags(fd) ^ value) & BARRING) === 0) return;
    checked(trySetBarring(fd, value), 'set the flags of', path);
  } finally {
    closeFd(fd);
  }
}

function open(tree: ConfinedTree, path: Buffer): number {
  if (path.length === 0) return openPath(cString('.'), O_RDONLY, 0, tree.root);
  const place = new Place();
  tree.locate(path, place);
  return openPath(place.name, O_RDONLY | O_NOFOLLOW, 0, place.dir);
}
