import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, type FileStatus } from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { Place, type ConfinedTree } from './confined-tree.ts';

const READ = 0o400;
const READ_AND_ENTER = 0o500;

/** Root reads everything; everybody else needs the owner's bits. */
export function needsAccess(): boolean {
  return process.geteuid?.() !== 0;
}

/**
 * Lets the owner read the file or folder until the mode is given back by what is returned: a
 * folder of ours may hold files of mode 0000.
 */
export function takeAccess(tree: ConfinedTree, path: Bytes, status: FileStatus): () => void {
  const type = status.mode & S_IFMT;
  const needed = type === S_IFDIR ? READ_AND_ENTER : type === S_IFREG ? READ : 0;
  if (type === S_IFLNK || (status.mode & needed) === needed || !needsAccess()) return () => {};
  const mode = status.mode & 0o7777;
  setMode(tree, path, mode | needed);
  return () => setMode(tree, path, mode);
}

/** `path` is a plain file or a folder: there is no link to follow. */
function setMode(tree: ConfinedTree, path: Bytes, mode: number): void {
  const place = new Place();
  tree.locate(path, place);
  checked(libc().fchmodat(place.dir, place.name, mode, 0), 'set the mode of', path);
}
