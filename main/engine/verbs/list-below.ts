import type { DendroError } from '../../../shared/errors.ts';
import type { DirectoryEntry as EntryModel } from '../../../shared/model/entry.ts';
import { directoryTwice, type Subvolume } from '../tree/index.ts';
import { entryPastDamage, type NamedInode } from './entries.ts';
import { sortedNames } from './list-directory.ts';

export interface ListedBelow {
  /** From the folder that was asked for. As text that keeps its bytes. */
  readonly path: string;
  readonly entry: EntryModel;
}

/** A folder that is gone through: what is still to come, the last one first. */
interface OpenFolder {
  /** '' or ending in '/'. */
  readonly prefix: string;
  readonly names: NamedInode[];
  /** As many of them as are left when the inodes of the next ones are read. */
  due: number;
}

/** Inodes that are read at once: from all over the disk, where each would be waited for alone. */
const EXPECTED = 128;

/**
 * Everything below a folder, each folder before what is in it, in the order of `listDirectory`.
 * Nested subvolumes are named and not entered. Names are held of the folders that are open only.
 * @param onLost names may be missing in the folder at this path; '' is the one that was asked for.
 */
export function* listBelow(
  subvolume: Subvolume,
  inode: number,
  onLost: (path: string, error: DendroError) => void,
): Generator<ListedBelow, void> {
  const seen = new Set([inode]);
  const open: OpenFolder[] = [];
  const enter = (path: string, folder: number): void => {
    const { all, lost } = sortedNames(subvolume, folder);
    if (lost !== undefined) onLost(path, lost);
    const names = all.toReversed();
    open.push({ prefix: path === '' ? '' : `${path}/`, names, due: names.length });
  };
  enter('', inode);
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    if (folder.names.length === folder.due) expectNext(subvolume, folder);
    const named = folder.names.pop();
    if (named === undefined) {
      open.pop();
      continue;
    }
    const path = folder.prefix + named.name;
    yield { path, entry: entryPastDamage(subvolume, named) };
    if (named.type !== 'directory') continue;
    if (seen.has(named.inode)) onLost(path, directoryTwice(named.inode, subvolume.id));
    else enter(path, named.inode);
    seen.add(named.inode);
  }
}

function expectNext(subvolume: Subvolume, folder: OpenFolder): void {
  folder.due = Math.max(0, folder.due - EXPECTED);
  subvolume.expectInodes(folder.names.slice(folder.due).map(({ inode }) => inode));
}
