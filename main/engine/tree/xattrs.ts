import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { KEY, MAX_NAME } from '../format/constants.ts';
import { DIR_ITEM } from '../format/layouts.ts';
import type { Node } from '../volume/index.ts';
import type { Subvolume } from './subvolume.ts';

export interface Xattr {
  /** Both borrowed from the tree block. */
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/** The extended attributes of an inode, in key order. @throws Corrupt, Io. */
export function readXattrs(subvolume: Subvolume, inode: number): Xattr[] {
  const found: Xattr[] = [];
  const cursor = subvolume.cursor().within(inode, KEY.xattrItem);
  cursor.seek(inode, KEY.xattrItem, 0);
  for (; cursor.valid && cursor.objectId === inode; cursor.next()) {
    if (cursor.type !== KEY.xattrItem) break;
    const { bytes } = cursor.node;
    eachXattr(cursor.node, cursor.slot, (start, nameLength, valueLength) => {
      const middle = start + nameLength;
      found.push({
        name: bytes.subarray(start, middle),
        value: bytes.subarray(middle, middle + valueLength),
      });
    });
  }
  return found;
}

/**
 * Calls back with each attribute in an XATTR_ITEM: the name is `node.bytes` from `start`,
 * the value follows it. @throws Corrupt `xattr-damaged`.
 */
export function eachXattr(
  node: Node,
  slot: number,
  visit: (start: number, nameLength: number, valueLength: number) => void,
): void {
  const { view } = node;
  const end = node.dataStart(slot) + node.dataSize(slot);
  for (let at = node.dataStart(slot); at < end;) {
    if (at + DIR_ITEM.size > end) throw bad(node, slot);
    const nameLength = view.getUint16(at + DIR_ITEM.at.nameLength, true);
    const valueLength = view.getUint16(at + DIR_ITEM.at.dataLength, true);
    const start = at + DIR_ITEM.size;
    const next = start + nameLength + valueLength;
    if (next > end || nameLength === 0 || nameLength > MAX_NAME) throw bad(node, slot);
    if (node.bytes.subarray(start, start + nameLength).includes(0)) throw bad(node, slot);
    visit(start, nameLength, valueLength);
    at = next;
  }
}

function bad(node: Node, slot: number): Error {
  return corrupt(
    'xattr-damaged',
    say`The attributes of inode ${{ inode: node.objectId(slot) }} are damaged.`,
    {
      place: { tree: node.owner, logical: node.logical },
    },
  );
}
