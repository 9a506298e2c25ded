import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { MAX_NAME } from '../format/constants.ts';
import { DIR_ITEM } from '../format/layouts.ts';
import type { Node } from '../volume/node.ts';

export interface Xattr {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * The attributes in one item (several when their names' hashes meet), borrowed from the leaf.
 * @throws Corrupt `xattr-damaged`.
 */
export function readXattrs(node: Node, slot: number): Xattr[] {
  const xattrs: Xattr[] = [];
  const { view, bytes } = node;
  let start = node.dataStart(slot);
  const end = start + node.dataSize(slot);
  while (start < end) {
    if (start + DIR_ITEM.size > end) throw damaged(node, slot);
    const nameEnd = start + DIR_ITEM.size + view.getUint16(start + DIR_ITEM.at.nameLength, true);
    const valueEnd = nameEnd + view.getUint16(start + DIR_ITEM.at.dataLength, true);
    if (valueEnd > end) throw damaged(node, slot);
    const name = bytes.subarray(start + DIR_ITEM.size, nameEnd);
    if (name.length === 0 || name.length > MAX_NAME || name.includes(0)) throw damaged(node, slot);
    xattrs.push({ name, value: bytes.subarray(nameEnd, valueEnd) });
    start = valueEnd;
  }
  return xattrs;
}

export function isEqualBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function damaged(node: Node, slot: number): Error {
  return corrupt(
    'xattr-damaged',
    say`An attribute of inode ${{ inode: node.objectId(slot) }} is damaged.`,
    {
      hint: 'Check the filesystem (btrfs check).',
      place: { tree: node.owner, logical: node.logical },
    },
  );
}
