import { closeSync, constants, openSync } from 'node:fs';

/** Room for a name more below what a system call takes (PATH_MAX is 4,096). */
const LONGEST = 3_500;

/** What the paths of what is in a folder begin with, for any system call. */
export interface FolderBase {
  readonly path: Buffer;
  /** Once nothing more is made in the folder. */
  close(): void;
}

/** The folder's own path; where that is long, the folder held open. */
export function baseOf(folder: Buffer): FolderBase {
  if (folder.length <= LONGEST) return { path: folder, close: () => {} };
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const fd = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  return { path: Buffer.from(`/proc/self/fd/${fd}`), close: () => closeSync(fd) };
}
