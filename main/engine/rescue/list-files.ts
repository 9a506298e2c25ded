import { FILE_TYPE } from '../format/constants.ts';
import { joinPath, readDirectory, readInode, type Subvolume } from '../tree/index.ts';
import { reasonOf } from './salvage.ts';
import { noted, type Note } from '../../../shared/said.ts';

export interface ListedFile {
  /** From the subvolume's top. */
  readonly path: Uint8Array;
  readonly inode: number;
  /** FILE_TYPE, as the directory has it. */
  readonly type: number;
  readonly isSubvolume: boolean;
  /** Null: its inode is lost. */
  readonly sizeBytes: number | null;
  readonly modifiedAt: bigint | null;
  /** Why it, or what is below it, cannot be read; null when all is well. */
  readonly problem: Note | null;
}

/**
 * Every file that a name still leads to, folder by folder; what is damaged is named with its
 * reason and gone past. @throws Cancelled.
 */
export function* listFiles(subvolume: Subvolume): Generator<ListedFile> {
  const seen = new Set([subvolume.rootInode]);
  const folders = [{ inode: subvolume.rootInode, path: new Uint8Array(0) as Uint8Array }];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const { inode, path } = next;
    try {
      for (const entry of readDirectory(subvolume, inode)) {
        const below = joinPath(path, Uint8Array.from(entry.name));
        const listed = look(subvolume, entry, below);
        const isFolder = entry.type === FILE_TYPE.directory && !entry.isSubvolume;
        if (isFolder && seen.has(entry.inode)) {
          yield { ...listed, problem: inTwoPlaces() };
          continue;
        }
        yield listed;
        if (!isFolder) continue;
        seen.add(entry.inode);
        folders.push({ inode: entry.inode, path: below });
      }
    } catch (error) {
      yield { ...UNREAD, path, inode, type: FILE_TYPE.directory, problem: reasonOf(error) };
    }
  }
}

export function inTwoPlaces(): Note {
  return noted('folder-in-two-places', 'The directory stands in two places.');
}

export function inodeLost(): Note {
  return noted('inode-lost', 'Its inode is lost.');
}

const UNREAD = { isSubvolume: false, sizeBytes: null, modifiedAt: null } as const;

function look(
  subvolume: Subvolume,
  entry: { readonly inode: number; readonly type: number; readonly isSubvolume: boolean },
  path: Uint8Array,
): ListedFile {
  const { inode, type, isSubvolume } = entry;
  const listed = { ...UNREAD, path, inode, type, isSubvolume, problem: null };
  if (isSubvolume) return listed;
  try {
    const item = readInode(subvolume, inode);
    if (item === undefined) return { ...listed, problem: inodeLost() };
    return { ...listed, sizeBytes: item.size, modifiedAt: item.mtime.seconds };
  } catch (error) {
    return { ...listed, problem: reasonOf(error) };
  }
}
