import { crc32c } from '@node-rs/crc32';
import { conflict, corrupt, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { FILE_TYPE, FILE_TYPE_ENCRYPTED, KEY, MAX_NAME, TREE } from '../format/constants.ts';
import { DIR_ITEM, ROOT_REF } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import type { Cursor, Node } from '../volume/index.ts';
import { forPeople, isNameAt, trimSlashes } from './paths.ts';
import { openSubvolume, type Subvolume } from './subvolume.ts';

export interface DirectoryEntry {
  /** Borrowed from the tree block. */
  readonly name: Uint8Array;
  /** The inode, or for a subvolume its id. */
  readonly inode: number;
  /** FILE_TYPE. */
  readonly type: number;
  /** Grows with each name made in the directory. */
  readonly index: number;
  readonly isSubvolume: boolean;
}

/** The entries in the order in which they were made. @throws Corrupt, Io. */
export function* readDirectory(subvolume: Subvolume, inode: number): Generator<DirectoryEntry> {
  const cursor = subvolume.cursor();
  cursor.seek(inode, KEY.dirIndex, 0);
  for (; isAt(cursor, inode, KEY.dirIndex); cursor.next()) {
    const { node, slot } = cursor;
    const start = node.dataStart(slot);
    const end = start + node.dataSize(slot);
    const entry = parseEntry(node, slot, start, end);
    yield { ...entry, index: node.offset(slot) };
  }
}

/** The entry of this name, found by its hash. */
export function findEntry(
  subvolume: Subvolume,
  directory: number,
  name: Uint8Array,
): DirectoryEntry | undefined {
  const cursor = subvolume.cursor();
  const hash = nameHash(name);
  if (!cursor.seek(directory, KEY.dirItem, hash)) return undefined;
  if (!isAt(cursor, directory, KEY.dirItem) || cursor.node.offset(cursor.slot) !== hash) {
    return undefined;
  }
  const { node, slot } = cursor;
  const end = node.dataStart(slot) + node.dataSize(slot);
  for (let at = node.dataStart(slot); at < end;) {
    const entry = parseEntry(node, slot, at, end);
    if (Buffer.compare(entry.name, name) === 0) return { ...entry, index: 0 };
    at = entry.end;
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
 * @throws Conflict `path-not-found`; Usage `path-has-dots` for `..`; Corrupt, Io.
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
    if (nested === undefined) throw notFound(path); // the stub of a subvolume in a snapshot
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

function isAt(cursor: Cursor, inode: number, type: number): boolean {
  return cursor.valid && cursor.objectId === inode && cursor.type === type;
}

/** One entry of an item that ends at `end`. @throws Corrupt `directory-damaged`. */
function parseEntry(
  node: Node,
  slot: number,
  at: number,
  end: number,
): Omit<DirectoryEntry, 'index'> & { end: number } {
  if (at + DIR_ITEM.size > end) throw bad(node, slot);
  const { view } = node;
  const nameLength = view.getUint16(at + DIR_ITEM.at.nameLength, true);
  const dataLength = view.getUint16(at + DIR_ITEM.at.dataLength, true);
  const start = at + DIR_ITEM.size;
  const itemEnd = start + nameLength + dataLength;
  if (itemEnd > end || nameLength === 0 || nameLength > MAX_NAME) throw bad(node, slot);
  if (!isNameAt(node.bytes, start, start + nameLength)) throw bad(node, slot);
  return {
    name: node.bytes.subarray(start, start + nameLength),
    inode: readU64(view, at),
    type: node.bytes[at + DIR_ITEM.at.type]! & ~FILE_TYPE_ENCRYPTED,
    isSubvolume: node.bytes[at + 8] === KEY.rootItem,
    end: itemEnd,
  };
}

function bad(node: Node, slot: number): Error {
  return corrupt(
    'directory-damaged',
    say`Directory ${{ inode: node.objectId(slot) }} is damaged.`,
    {
      hint: 'Try dendro rescue on the device.',
      place: { tree: node.owner, logical: node.logical },
    },
  );
}

function notFound(path: Uint8Array): Error {
  return conflict('path-not-found', say`There is no ${{ path: forPeople(path) }}.`, {
    place: { path: forPeople(path) },
  });
}
