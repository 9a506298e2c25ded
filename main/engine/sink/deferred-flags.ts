import { BARRING, fileFlags, trySetBarring } from '../../linux/btrfs-ioctl-file.ts';
import { directoryPath } from '../../linux/btrfs-ioctl-search.ts';
import { closeFd, cString, O_RDONLY, openBeneath, statFd } from '../../linux/files.ts';
import { DendroError } from '../../../shared/errors.ts';
import { checked } from '../../linux/libc-error.ts';
import type { LossReport } from './loss-report.ts';
import { lostFlags } from './lost.ts';

const SLASH = 0x2f;

/**
 * Sets the flags that had to wait, by inode number: the inode may have been renamed since, and
 * one that is gone needs none. `top` is the subvolume's top directory.
 */
export function applyFlags(top: number, flags: Map<number, number>, losses: LossReport): void {
  for (const [inode, value] of flags) {
    const path = directoryPath(top, 0, BigInt(inode));
    if (path === undefined) continue;
    const name = path.at(-1) === SLASH ? path.subarray(0, -1) : path;
    try {
      setOn(top, name, inode, value);
    } catch (error) {
      if (!(error instanceof DendroError)) throw error;
      losses.add(name, lostFlags(error.message));
    }
  }
}

function setOn(top: number, path: Buffer, inode: number, value: number): void {
  const fd = openBeneath(top, path.length === 0 ? cString('.') : cString(path), O_RDONLY);
  try {
    if (statFd(fd).inode !== inode) return;
    if (((fileFlags(fd) ^ value) & BARRING) === 0) return;
    checked(trySetBarring(fd, value), 'set the flags of', path);
  } finally {
    closeFd(fd);
  }
}
