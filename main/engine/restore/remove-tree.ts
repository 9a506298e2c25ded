import { lstatSync, rmSync } from 'node:fs';
import { deleteSubvolume, SUBVOLUME_TOP_INODE } from '../../linux/btrfs-ioctl.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../linux/files.ts';
import { DendroError } from '../../../shared/errors.ts';

const SLASH = 0x2f;

/** Removes a file, a folder with all below it, or a subvolume, at an absolute path. */
export function removeTree(path: Uint8Array): void {
  const bytes = Buffer.from(path);
  const status = lstatSync(bytes, { throwIfNoEntry: false });
  if (status === undefined) return;
  const isSubvolume = status.isDirectory() && status.ino === SUBVOLUME_TOP_INODE;
  if (isSubvolume && tryDeleteSubvolume(bytes)) return;
  rmSync(bytes, { recursive: true });
}

/** False: another filesystem has a folder with that inode number, or it is not allowed. */
function tryDeleteSubvolume(path: Buffer): boolean {
  const slash = path.lastIndexOf(SLASH);
  const parent = slash <= 0 ? '/' : path.subarray(0, slash);
  const fd = openPath(cString(parent), O_RDONLY | O_DIRECTORY);
  try {
    deleteSubvolume(fd, path.subarray(slash + 1));
    return true;
  } catch (error) {
    if (error instanceof DendroError) return false;
    throw error;
  } finally {
    closeFd(fd);
  }
}
