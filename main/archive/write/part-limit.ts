import {
  closeFd,
  cString,
  filesystemOf,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
} from '../../linux/files.ts';
import { mountOf } from '../../linux/mount-of.ts';

/** FAT32 (magic number of statfs(2)). */
const MSDOS = 0x4d44;
/** The same by a driver in user space, of which statfs(2) says only that. */
const FAT_OF_FUSE = 'fuse.fusefat';
/** A file on FAT32 has less than 4 GiB; a frame less still, so that none is ever cut. */
const FAT_BYTES = 2 ** 32 - 2 ** 21;

/** The largest part that the filesystem of this folder takes. */
export function partLimit(folder: string): number {
  const fd = openPath(cString(folder), O_RDONLY | O_DIRECTORY);
  try {
    const isFat = filesystemOf(fd).magic === MSDOS || mountOf(fd)?.filesystem === FAT_OF_FUSE;
    return isFat ? FAT_BYTES : Number.MAX_SAFE_INTEGER;
  } finally {
    closeFd(fd);
  }
}
