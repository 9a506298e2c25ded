import { EXTENT_TYPE, KEY } from '../format/constants.ts';
import { DIR_ITEM, FILE_EXTENT } from '../format/layouts.ts';
import { readSectors, readU64 } from '../format/numbers.ts';
import type { Node } from '../volume/node.ts';
import { InodeView } from './inode-item.ts';
import { RangeList } from './ranges.ts';
import type { ItemVisitor } from './walk.ts';
import { isEqualBytes, readXattrs, type Xattr } from './xattrs.ts';

const FIRST_INODE = 256;
const INLINE_DATA = FILE_EXTENT.at.type + 1;

export interface XattrChange {
  readonly name: Uint8Array;
  /** Undefined: removed. */
  readonly value: Uint8Array | undefined;
}

/**
 * All that differs between two trees at one inode number: one object, filled anew for each.
 * What is undefined or false was not met by the walk: it is equal on both sides, or absent.
 */
export class InodeChange {
  inode = 0;
  oldItem: InodeView | undefined;
  newItem: InodeView | undefined;
  /** Links of the old or the new tree are not the same. */
  hasNames = false;
  /** The first item with links of the new tree, when it was met. */
  refNode: Node | undefined;
  refSlot = 0;
  readonly xattrs: XattrChange[] = [];
  /** Ranges whose file extents are not the same. */
  readonly extents = new RangeList();
  /** The first differing file extent of the new tree. */
  extentNode: Node | undefined;
  extentSlot = 0;
  /** The highest inode number in the directory's entries of the new tree. */
  lastChild = 0;
  /** Entries of the new tree that lead to another subvolume. */
  readonly stubs: number[] = [];
  hasVerity = false;
  /** Types of items that this engine does not know. */
  readonly unknown: number[] = [];

  reset(inode: number): void {
    this.inode = inode;
    this.oldItem = undefined;
    this.newItem = undefined;
    this.hasNames = false;
    this.refNode = undefined;
    this.extentNode = undefined;
    this.lastChild = 0;
    if (this.stubs.length > 0) this.stubs.length = 0;
    this.hasVerity = false;
    if (this.xattrs.length > 0) this.xattrs.length = 0;
    if (this.unknown.length > 0) this.unknown.length = 0;
    this.extents.clear();
  }
}

/** Gathers the walk's items into one change an inode, in ascending order. */
export class InodeChanges implements ItemVisitor {
  readonly #handle: (change: InodeChange) => void;
  readonly #upcoming: (leaves: readonly Node[]) => void;
  readonly #appeared: (directory: number, nameHash: number) => void;
  readonly #change = new InodeChange();

  /** @param appeared names of this hash are in the directory of the new tree, of the old there are none. */
  constructor(
    handle: (change: InodeChange) => void,
    upcoming: (leaves: readonly Node[]) => void = () => undefined,
    appeared: (directory: number, nameHash: number) => void = () => undefined,
  ) {
    this.#handle = handle;
    this.#upcoming = upcoming;
    this.#appeared = appeared;
  }

  upcoming(leaves: readonly Node[]): void {
    this.#upcoming(leaves);
  }

  /** After the walk: the last inode is still to be handled. */
  finish(): void {
    if (this.#change.inode !== 0) this.#handle(this.#change);
    this.#change.reset(0);
  }

  /** What was gathered of the inode that the walk is at. */
  get current(): InodeChange {
    return this.#change;
  }

  onlyOld(node: Node, slot: number): void {
    if (this.#at(node, slot)) this.#item(node, slot, undefined, 0);
  }

  onlyNew(node: Node, slot: number): void {
    if (this.#at(node, slot)) this.#item(undefined, 0, node, slot);
  }

  changed(oldNode: Node, oldSlot: number, newNode: Node, newSlot: number): void {
    if (this.#at(newNode, newSlot)) this.#item(oldNode, oldSlot, newNode, newSlot);
  }

  /** False for what does not belong to an inode: orphan items, caches. */
  #at(node: Node, slot: number): boolean {
    const inode = node.objectId(slot);
    if (inode === this.#change.inode) return true;
    if (inode < FIRST_INODE) return false;
    if (this.#change.inode !== 0) this.#handle(this.#change);
    this.#change.reset(inode);
    return true;
  }

  #item(
    oldNode: Node | undefined,
    oldSlot: number,
    newNode: Node | undefined,
    newSlot: number,
  ): void {
    const change = this.#change;
    const type = newNode === undefined ? oldNode!.type(oldSlot) : newNode.type(newSlot);
    switch (type) {
      case KEY.inodeItem:
        if (oldNode !== undefined) change.oldItem = new InodeView(oldNode, oldSlot);
        if (newNode !== undefined) change.newItem = new InodeView(newNode, newSlot);
        break;
      case KEY.inodeRef:
      case KEY.inodeExtref:
        change.hasNames = true;
        if (newNode !== undefined && change.refNode === undefined) {
          change.refNode = newNode;
          change.refSlot = newSlot;
        }
        break;
      case KEY.dirItem:
        if (oldNode === undefined) this.#appeared(change.inode, newNode!.offset(newSlot));
        break;
      case KEY.orphanItem:
        break;
      case KEY.dirIndex:
        if (newNode !== undefined) addEntry(change, newNode, newSlot);
        break;
      case KEY.xattrItem:
        addXattrs(
          change,
          oldNode === undefined ? [] : readXattrs(oldNode, oldSlot),
          newNode === undefined ? [] : readXattrs(newNode, newSlot),
        );
        break;
      case KEY.extentData:
        if (oldNode !== undefined) addExtent(change, oldNode, oldSlot);
        if (newNode !== undefined) {
          addExtent(change, newNode, newSlot);
          if (change.extentNode === undefined) {
            change.extentNode = newNode;
            change.extentSlot = newSlot;
          }
        }
        break;
      case KEY.verityDescriptor:
      case KEY.verityMerkle:
        change.hasVerity = newNode !== undefined;
        break;
      default:
        if (!change.unknown.includes(type)) change.unknown.push(type);
    }
  }
}

function addEntry(change: InodeChange, node: Node, slot: number): void {
  if (node.dataSize(slot) < DIR_ITEM.size) return;
  const start = node.dataStart(slot);
  if (node.bytes[start + 8] !== KEY.inodeItem) {
    change.stubs.push(readU64(node.view, start));
    return;
  }
  const child = readU64(node.view, start);
  if (child > change.lastChild) change.lastChild = child;
}

function addXattrs(change: InodeChange, before: readonly Xattr[], after: readonly Xattr[]): void {
  for (const { name } of before) {
    if (!after.some((other) => isEqualBytes(other.name, name))) {
      change.xattrs.push({ name, value: undefined });
    }
  }
  for (const { name, value } of after) {
    const same = before.find((other) => isEqualBytes(other.name, name));
    if (same === undefined || !isEqualBytes(same.value, value)) {
      change.xattrs.push({ name, value });
    }
  }
}

function addExtent(change: InodeChange, node: Node, slot: number): void {
  const start = node.dataStart(slot);
  const offset = node.fileOffset(slot);
  const { view } = node;
  if (node.dataSize(slot) < INLINE_DATA) return;
  const isInline = view.getUint8(start + FILE_EXTENT.at.type) === EXTENT_TYPE.inline;
  const length =
    isInline || node.dataSize(slot) < FILE_EXTENT.size
      ? Math.max(1, readSectors(view, start + FILE_EXTENT.at.ramBytes))
      : readSectors(view, start + FILE_EXTENT.at.length);
  change.extents.add(offset, offset + length);
}
