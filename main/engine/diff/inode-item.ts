import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { INODE_ITEM, TIMESPEC } from '../format/layouts.ts';
import { readInodeSize } from '../format/inode-size.ts';
import { readU64 } from '../format/numbers.ts';
import type { Node } from '../volume/node.ts';

const { at } = INODE_ITEM;
const DIRECTORY = 4;
const [CHARACTER, BLOCK, SYMLINK] = [2, 6, 10];
const REGULAR = 8;
const NANOSECONDS = TIMESPEC.at.nanoseconds;
/** A view of each inode's would cost more than the copy. */
const times = new Uint8Array(48);

/** An inode item as it stands in a leaf; fields are read when asked for. */
export class InodeView {
  readonly node: Node;
  readonly start: number;
  readonly #slot: number;

  /** @throws Corrupt `inode-item-damaged`. */
  constructor(node: Node, slot: number) {
    if (node.dataSize(slot) < INODE_ITEM.size) throw damaged(node, slot);
    this.node = node;
    this.start = node.dataStart(slot);
    this.#slot = slot;
  }

  get generation(): number {
    return readU64(this.node.view, this.start + at.generation);
  }
  /** @throws Corrupt, Unsupported `size-too-large` */
  get size(): number {
    const { node } = this;
    const size = readInodeSize(node.view, this.start + at.size, () => ({
      tree: node.owner,
      logical: node.logical,
      inode: node.objectId(this.#slot),
    }));
    if (size < 0) throw damaged(this.node, this.#slot);
    return size;
  }
  get links(): number {
    return this.node.view.getUint32(this.start + at.links, true);
  }
  get uid(): number {
    return this.node.view.getUint32(this.start + at.uid, true);
  }
  get gid(): number {
    return this.node.view.getUint32(this.start + at.gid, true);
  }
  /** Permissions with set-uid, set-gid and sticky, without the type. */
  get permissions(): number {
    return this.node.view.getUint32(this.start + at.mode, true) & 0o7777;
  }
  get mode(): number {
    return this.node.view.getUint32(this.start + at.mode, true);
  }
  /** `mode >> 12`. */
  get type(): number {
    return (this.node.view.getUint32(this.start + at.mode, true) >>> 12) & 15;
  }
  get isDirectory(): boolean {
    return this.type === DIRECTORY;
  }
  get isRegular(): boolean {
    return this.type === REGULAR;
  }
  get isSymlink(): boolean {
    return this.type === SYMLINK;
  }
  get isFixed(): boolean {
    return isFixedType(this.type);
  }
  get rdev(): number {
    return readU64(this.node.view, this.start + at.rdev);
  }
  /** The low half of the flags: BTRFS_INODE_*. */
  get flags(): number {
    return this.node.view.getUint32(this.start + at.flags, true);
  }
  /** Generation and type in one: two inodes of one number are the same when it is equal. */
  get identity(): number {
    return this.generation * 16 + this.type;
  }
  /**
   * atime, ctime, mtime, otime: 48 bytes, valid until those of another inode are asked for.
   * @throws Corrupt for a time that no receiver can set
   */
  get times(): Uint8Array {
    const { bytes, view } = this.node;
    const from = this.start + at.atime;
    for (let i = NANOSECONDS; i < 48; i += TIMESPEC.size) {
      if (view.getUint32(from + i, true) >= 1e9) throw damaged(this.node, this.#slot);
    }
    for (let i = 0; i < 48; i++) times[i] = bytes[from + i]!;
    return times;
  }
}

function damaged(node: Node, slot: number): Error {
  return corrupt(
    'inode-item-damaged',
    say`The inode item of ${{ inode: node.objectId(slot) }} is damaged.`,
    {
      hint: 'Check the filesystem (btrfs check).',
      place: { tree: node.owner, logical: node.logical },
    },
  );
}

/** A device or a symbolic link, by `mode >> 12`: what it stands for never changes. */
export function isFixedType(type: number): boolean {
  return type === SYMLINK || type === CHARACTER || type === BLOCK;
}

/** Whether all four times are the same. */
export function hasSameTimes(a: InodeView, b: InodeView): boolean {
  for (let i = at.atime; i < INODE_ITEM.size; i++) {
    if (a.node.bytes[a.start + i] !== b.node.bytes[b.start + i]) return false;
  }
  return true;
}
