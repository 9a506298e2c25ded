import { crc32c } from '@node-rs/crc32';
import { conflict, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { FILE_TYPE, KEY, TREE } from '../format/constants.ts';
import { ROOT_REF } from '../format/layouts.ts';
import { isDamage } from '../volume/index.ts';
import { hashedEntries, isEntryOf, type DirectoryEntry } from './directory-entry.ts';
import { forPeople, trimSlashes } from './paths.ts';
import { entriesPastDamage } from './read-directory.ts';
import { openSubvolume, type Subvolume } from './subvolume.ts';

/** The entry of this name, found by its hash; where that item is damaged, by its index. */
export function findEntry(
  subvolume: Subvolume,
  directory: number,
  name: Uint8Array,
): DirectoryEntry | undefined {
  try {
    return entryByHash(subvolume, directory, name);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const found = entryByIndex(subvolume, directory, name);
    if (found === undefined) throw error;
    return found;
  }
}

/** Past damage: only that it is there counts. */
function entryByIndex(
  subvolume: Subvolume,
  directory: number,
  name: Uint8Array,
): DirectoryEntry | undefined {
  for (const entry of entriesPastDamage(subvolume, directory, KEY.dirIndex, () => {})) {
    if (Buffer.compare(entry.name, name) === 0) return entry;
  }
  return undefined;
}

function entryByHash(
  subvolume: Subvolume,
  directory: number,
  name: Uint8Array,
): DirectoryEntry | undefined {
  const cursor = subvolume.cursor().within(directory, KEY.dirItem);
  const hash = nameHash(name);
  if (!cursor.seek(directory, KEY.dirItem, hash)) return undefined;
  if (!isEntryOf(cursor, directory, KEY.dirItem) || cursor.offset !== hash) return undefined;
  for (const entry of hashedEntries(cursor)) {
    if (Buffer.compare(entry.name, name) === 0) return entry;
  }
  return undefined;
}

/** btrfs_name_hash: CRC-32C as the raw register, started with ~1. */
export function nameHash(name: Uint8Array): number {
  return ~crc32c(name, 1) >>> 0;
}

export interface Found {
  /** Another than the one asked when the path leads into a nested subvolume. */
  readonly subvolume: Subvolume;
  readonly inode: number;
  /** FILE_TYPE. */
  readonly type: number;
}

/**
 * Goes down a path from the subvolume's top, into nested subvolumes too. Symlinks are not
 * followed; `.` and repeated slashes do not matter.
 * @throws Conflict `path-not-found`, `subvolume-not-in-snapshot`; Usage `path-has-dots` for `..`; Corrupt, Io.
 */
export function lookup(subvolume: Subvolume, path: Uint8Array): Found {
  let at: Found = { subvolume, inode: subvolume.rootInode, type: FILE_TYPE.directory };
  for (const name of splitPath(path)) {
    if (name.length === 2 && name[0] === 0x2e && name[1] === 0x2e) {
      throw usage('path-has-dots', 'Paths with .. are not followed.', {
        place: { path: forPeople(path) },
      });
    }
    const entry = findEntry(at.subvolume, at.inode, name);
    if (entry === undefined) throw notFound(path);
    if (!entry.isSubvolume) {
      at = { subvolume: at.subvolume, inode: entry.inode, type: entry.type };
      continue;
    }
    const nested = nestedSubvolume(at.subvolume, at.inode, entry);
    if (nested === undefined) throw notHeld(path);
    at = { subvolume: nested, inode: nested.rootInode, type: FILE_TYPE.directory };
  }
  return at;
}

/**
 * The subvolume that an entry leads to. A snapshot keeps the entries of the subvolumes that
 * stood in its source, but they lead nowhere: then undefined.
 */
export function nestedSubvolume(
  parent: Subvolume,
  directory: number,
  entry: DirectoryEntry,
): Subvolume | undefined {
  const cursor = parent.volume.cursor(TREE.root);
  const isThere = cursor.seek(parent.id, KEY.rootRef, entry.inode);
  if (!isThere || cursor.objectId !== parent.id || cursor.type !== KEY.rootRef) return undefined;
  if (cursor.offset !== entry.inode || cursor.dataSize < ROOT_REF.size) return undefined;
  const { node, dataStart, dataSize } = cursor;
  const ref = ROOT_REF.read(node.view, dataStart);
  const name = node.bytes.subarray(dataStart + ROOT_REF.size, dataStart + dataSize);
  const isSame = ref.directory === directory && Buffer.compare(name, entry.name) === 0;
  return isSame ? openSubvolume(parent.volume, entry.inode) : undefined;
}

export function splitPath(path: Uint8Array): Uint8Array[] {
  const names: Uint8Array[] = [];
  const trimmed = trimSlashes(path);
  for (let start = 0; start < trimmed.length;) {
    const slash = trimmed.indexOf(0x2f, start);
    const end = slash < 0 ? trimmed.length : slash;
    const name = trimmed.subarray(start, end);
    if (name.length > 0 && !(name.length === 1 && name[0] === 0x2e)) names.push(name);
    start = end + 1;
  }
  return names;
}

/** Of a subvolume that stood in the source, a snapshot has the name alone. */
function notHeld(path: Uint8Array): Error {
  return conflict(
    'subvolume-not-in-snapshot',
    say`"${{ path: forPeople(path) }}" was a subvolume of its own: this snapshot does not hold it.`,
    {
      hint: 'Look for it in its own snapshots and restore points.',
      place: { path: forPeople(path) },
    },
  );
}

function notFound(path: Uint8Array): Error {
  return conflict('path-not-found', say`There is no "${{ path: forPeople(path) }}" there.`, {
    hint: 'See what is there: dendro ls',
    place: { path: forPeople(path) },
  });
}
