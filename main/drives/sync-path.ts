import {
  closeFd,
  cString,
  O_DIRECTORY,
  O_RDONLY,
  openPath,
  syncFilesystem,
} from '../linux/files.ts';

/** Flushes the filesystem at a mount point: an error in writing back is seen here, not lost. */
export function syncPath(path: string): void {
  const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY);
  try {
    syncFilesystem(fd);
  } finally {
    closeFd(fd);
  }
}
