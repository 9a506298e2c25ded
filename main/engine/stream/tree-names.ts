import { crc32c } from '@node-rs/crc32';
import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { InodeView } from '../diff/inode-item.ts';
import { isEqualBytes, readXattrs, type Xattr } from '../diff/xattrs.ts';
import { KEY, MAX_NAME } from '../format/constants.ts';
import { DIR_ITEM, FILE_EXTENT, INODE_EXTREF, INODE_REF } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import { Cursor, type NodeSource } from '../volume/cursor.ts';
import { leafAddresses } from '../volume/leaf-addresses.ts';
import type { Node } from '../volume/node.ts';
import type { TreeRoot } from '../volume/tree-root.ts';
import { LackingNames } from './lacking-names.ts';
import type { Link, NameTree } from './namespace.ts';

/** Of a file extent item: where the bytes of an inline extent begin. */
const INLINE_DATA = FILE_EXTENT.at.type + 1;

/** Names and inodes of a subvolume's tree, looked up one at a time. */
export class TreeNames implements NameTree {
  readonly #inodes: Cursor;
  readonly #refs: Cursor;
  readonly #entries: Cursor;
  readonly #source: NodeSource;
  readonly #root: TreeRoot;
  readonly #lacking = new LackingNames();

  constructor(source: NodeSource, root: TreeRoot) {
    this.#source = source;
    this.#root = root;
    this.#inodes = new Cursor(source, root);
    this.#refs = new Cursor(source, root);
    this.#entries = new Cursor(source, root);
  }

  /** The inode, also one that has no links any more; undefined when it is not there. */
  inode(inode: number): InodeView | undefined {
    const cursor = this.#inodes;
    if (!cursor.seek(inode, KEY.inodeItem, 0)) return undefined;
    if (cursor.objectId !== inode || cursor.type !== KEY.inodeItem) return undefined;
    return new InodeView(cursor.node, cursor.slot);
  }

  identity(inode: number): number {
    const item = this.inode(inode);
    return item === undefined || item.links === 0 ? -1 : item.identity;
  }

  essence(inode: number): string {
    const item = this.inode(inode);
    if (item === undefined || !item.isFixed) return '';
    if (!item.isSymlink) return `${item.rdev}`;
    const cursor = this.#refs;
    cursor.seek(inode, KEY.extentData, 0);
    if (!cursor.valid || cursor.objectId !== inode || cursor.type !== KEY.extentData) return '';
    const { node, dataStart, dataSize } = cursor;
    return Buffer.from(node.bytes.subarray(dataStart + INLINE_DATA, dataStart + dataSize)).toString(
      'latin1',
    );
  }

  links(inode: number): Link[] {
    const cursor = this.#refs;
    const links: Link[] = [];
    cursor.seek(inode, KEY.inodeRef, 0);
    while (cursor.valid && cursor.objectId === inode && isRef(cursor.type)) {
      readLinks(cursor.node, cursor.slot, links);
      cursor.next();
    }
    return links;
  }

  /** The attributes of an inode, borrowed. */
  xattrs(inode: number): Xattr[] {
    const cursor = this.#refs;
    const xattrs: Xattr[] = [];
    cursor.seek(inode, KEY.xattrItem, 0);
    while (cursor.valid && cursor.objectId === inode && cursor.type === KEY.xattrItem) {
      xattrs.push(...readXattrs(cursor.node, cursor.slot));
      cursor.next();
    }
    return xattrs;
  }

  /** The links of these inodes will be asked for: what holds them is read at once. */
  expectLinks(inodes: readonly number[]): void {
    this.#source.fetch(leafAddresses(this.#source, this.#root, inodes, KEY.inodeRef));
  }

  /** What a walk has shown: the directory holds no name of this hash. */
  lacks(directory: number, nameHash: number): void {
    this.#lacking.add(directory, nameHash);
  }

  holder(directory: number, name: Uint8Array): number {
    const cursor = this.#entries;
    const hash = nameHash(name);
    if (this.#lacking.has(directory, hash)) return 0;
    if (!cursor.seekHalves(...halves(directory), KEY.dirItem, 0, hash)) return 0;
    const { node, slot } = cursor;
    const isThere =
      cursor.objectId === directory && cursor.type === KEY.dirItem && cursor.offset === hash;
    return isThere ? findEntry(node, slot, name) : 0;
  }

  *children(directory: number): Generator<{ inode: number; name: Uint8Array }> {
    const cursor = new Cursor(this.#source, this.#root);
    cursor.seek(directory, KEY.dirIndex, 0);
    while (cursor.valid && cursor.objectId === directory && cursor.type === KEY.dirIndex) {
      const { node, dataStart: start } = cursor;
      const nameEnd = entryEnd(node, cursor.slot, start, start + cursor.dataSize);
      if (node.bytes[start + 8] === KEY.inodeItem) {
        yield {
          inode: readU64(node.view, start),
          name: node.bytes.subarray(start + DIR_ITEM.size, nameEnd),
        };
      }
      cursor.next();
    }
  }
}

export function isRef(type: number): boolean {
  return type === KEY.inodeRef || type === KEY.inodeExtref;
}

/** Appends the links of an INODE_REF or INODE_EXTREF item; the names are copies. */
export function readLinks(node: Node, slot: number, links: Link[]): void {
  const isExtref = node.type(slot) === KEY.inodeExtref;
  const layout = isExtref ? INODE_EXTREF : INODE_REF;
  const { view, bytes } = node;
  let start = node.dataStart(slot);
  const end = start + node.dataSize(slot);
  while (start < end) {
    const nameStart = start + layout.size;
    if (nameStart > end) throw damagedName(node, slot);
    const nameEnd = nameStart + view.getUint16(start + layout.at.nameLength, true);
    if (nameEnd > end || !isName(bytes, nameStart, nameEnd)) throw damagedName(node, slot);
    const parent = isExtref ? readU64(view, start) : node.offset(slot);
    links.push({ parent, name: bytes.slice(nameStart, nameEnd) });
    start = nameEnd;
  }
}

/** What no kernel makes, and what would lead a receiver elsewhere: empty, `.`, `..`, a slash, a NUL. */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0 || length > MAX_NAME) return false;
  let dots = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0x2f || byte === 0) return false;
    if (byte === 0x2e) dots++;
  }
  return length > 2 || dots < length;
}

/** The raw CRC-32C register over the name, started at ~1: the offset of a DIR_ITEM's key. */
function nameHash(name: Uint8Array): number {
  return ~crc32c(name, 1) >>> 0;
}

/** The inode behind the name in one item (several names when their hashes meet), or 0. */
function findEntry(node: Node, slot: number, name: Uint8Array): number {
  let start = node.dataStart(slot);
  const end = start + node.dataSize(slot);
  while (start < end) {
    const nameEnd = entryEnd(node, slot, start, end);
    const dataLength = node.view.getUint16(start + DIR_ITEM.at.dataLength, true);
    if (isEqualBytes(node.bytes.subarray(start + DIR_ITEM.size, nameEnd), name)) {
      return node.bytes[start + 8] === KEY.inodeItem ? readU64(node.view, start) : 0;
    }
    start = nameEnd + dataLength;
  }
  return 0;
}

function entryEnd(node: Node, slot: number, start: number, end: number): number {
  const nameStart = start + DIR_ITEM.size;
  if (nameStart > end) throw damagedName(node, slot);
  const nameEnd = nameStart + node.view.getUint16(start + DIR_ITEM.at.nameLength, true);
  if (nameEnd > end) throw damagedName(node, slot);
  return nameEnd;
}

function halves(value: number): [number, number] {
  return [Math.floor(value / 0x1_0000_0000), value >>> 0];
}

function damagedName(node: Node, slot: number): Error {
  return corrupt(
    'name-damaged',
    say`A name of inode ${{ inode: node.objectId(slot) }} is damaged.`,
    {
      hint: 'Check the filesystem (btrfs check).',
      place: { tree: node.owner, logical: node.logical },
    },
  );
}
