import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { FILE_TYPE_ENCRYPTED, KEY, MAX_NAME } from '../format/constants.ts';
import { DIR_ITEM } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import type { Cursor, Node } from '../volume/index.ts';
import { isNameAt } from './paths.ts';

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

export function isEntryOf(cursor: Cursor, inode: number, type: number): boolean {
  return cursor.valid && cursor.objectId === inode && cursor.type === type;
}

/** The entry in the DIR_INDEX item at the cursor. @throws Corrupt `directory-damaged`. */
export function indexedEntry({ node, slot }: Cursor): DirectoryEntry {
  const start = node.dataStart(slot);
  const end = start + node.dataSize(slot);
  return { ...parseEntry(node, slot, start, end), index: node.offset(slot) };
}

/** Those in the DIR_ITEM item at the cursor; their index is not there. @throws Corrupt. */
export function* hashedEntries({ node, slot }: Cursor): Generator<DirectoryEntry> {
  const end = node.dataStart(slot) + node.dataSize(slot);
  for (let at = node.dataStart(slot); at < end;) {
    const entry = parseEntry(node, slot, at, end);
    yield { ...entry, index: 0 };
    at = entry.end;
  }
}

/** One entry of an item that ends at `end`. @throws Corrupt `directory-damaged`. */
function parseEntry(
  node: Node,
  slot: number,
  at: number,
  end: number,
): Omit<DirectoryEntry, 'index'> & { end: number } {
  if (at + DIR_ITEM.size > end) throw damagedDirectory(node, slot);
  const { view } = node;
  const nameLength = view.getUint16(at + DIR_ITEM.at.nameLength, true);
  const dataLength = view.getUint16(at + DIR_ITEM.at.dataLength, true);
  const start = at + DIR_ITEM.size;
  const itemEnd = start + nameLength + dataLength;
  if (itemEnd > end || nameLength === 0 || nameLength > MAX_NAME)
    throw damagedDirectory(node, slot);
  if (!isNameAt(node.bytes, start, start + nameLength)) throw damagedDirectory(node, slot);
  return {
    name: node.bytes.subarray(start, start + nameLength),
    inode: readU64(view, at),
    type: node.bytes[at + DIR_ITEM.at.type]! & ~FILE_TYPE_ENCRYPTED,
    isSubvolume: node.bytes[at + 8] === KEY.rootItem,
    end: itemEnd,
  };
}

export function damagedDirectory(node: Node, slot: number): Error {
  return corrupt(
    'directory-damaged',
    say`Directory ${{ inode: node.objectId(slot) }} is damaged.`,
    {
      hint: 'Try dendro rescue on the device.',
      place: { tree: node.owner, logical: node.logical },
    },
  );
}
