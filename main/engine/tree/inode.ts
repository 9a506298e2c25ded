import { corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { INODE_FLAG, KEY } from '../format/constants.ts';
import { INODE_ITEM } from '../format/layouts.ts';
import { readInodeSize } from '../format/inode-size.ts';
import { readU64 } from '../format/numbers.ts';
import type { Node } from '../volume/index.ts';
import { timeAt, type Subvolume, type Time } from './subvolume.ts';

const { at } = INODE_ITEM;

/** A lazy view of an inode item; it holds on to the tree block. */
export class Inode {
  readonly number: number;
  readonly #node: Node;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #start: number;

  /** @throws Corrupt `inode-damaged`. */
  constructor(node: Node, slot: number) {
    this.number = node.objectId(slot);
    this.#node = node;
    this.#view = node.view;
    this.#bytes = node.bytes;
    this.#start = node.dataStart(slot);
    const isNegative = this.#view.getInt8(this.#start + at.size + 7) < 0;
    if (node.dataSize(slot) < INODE_ITEM.size || isNegative) {
      const { tree, logical } = this.#place;
      throw corrupt('inode-damaged', say`Inode ${{ inode: this.number }} is damaged.`, {
        place: { tree, logical },
      });
    }
  }

  get #place(): { readonly tree: number; readonly logical: number; readonly inode: number } {
    return { tree: this.#node.owner, logical: this.#node.logical, inode: this.number };
  }

  get generation(): number {
    return readU64(this.#view, this.#start + at.generation);
  }
  get transid(): number {
    return readU64(this.#view, this.#start + at.transid);
  }
  /** @throws Unsupported `size-too-large`. */
  get size(): number {
    return readInodeSize(this.#view, this.#start + at.size, () => this.#place);
  }
  /** Bytes that its extents take. */
  get bytes(): number {
    return readU64(this.#view, this.#start + at.bytes);
  }
  get links(): number {
    return this.#view.getUint32(this.#start + at.links, true);
  }
  get uid(): number {
    return this.#view.getUint32(this.#start + at.uid, true);
  }
  get gid(): number {
    return this.#view.getUint32(this.#start + at.gid, true);
  }
  get mode(): number {
    return this.#view.getUint32(this.#start + at.mode, true);
  }
  /** The kernel's own dev_t: `major * 2^20 + minor`. (Send streams carry another form.) */
  get rdev(): number {
    return readU64(this.#view, this.#start + at.rdev);
  }
  /** `INODE_FLAG` bits, the low 32 of the item's flags. */
  get flags(): number {
    return this.#view.getUint32(this.#start + at.flags, true);
  }
  /** The high 32: flags that a kernel which does not know them mounts read-only (verity: 1). */
  get readOnlyFlags(): number {
    return this.#view.getUint32(this.#start + at.flags + 4, true);
  }
  get sequence(): bigint {
    return this.#view.getBigUint64(this.#start + at.sequence, true);
  }
  get hasChecksums(): boolean {
    return (this.flags & INODE_FLAG.nodatasum) === 0;
  }
  /** atime, ctime, mtime, otime as they stand on disk: 4 x (i64 seconds, u32 nanoseconds). */
  get times(): Uint8Array {
    return this.#bytes.subarray(this.#start + at.atime, this.#start + INODE_ITEM.size);
  }
  get atime(): Time {
    return timeAt(this.#view, this.#start + at.atime);
  }
  get ctime(): Time {
    return timeAt(this.#view, this.#start + at.ctime);
  }
  get mtime(): Time {
    return timeAt(this.#view, this.#start + at.mtime);
  }
  get otime(): Time {
    return timeAt(this.#view, this.#start + at.otime);
  }
}

/** @throws Corrupt, Io; Unsupported `size-too-large`. */
export function readInode(subvolume: Subvolume, inode: number): Inode | undefined {
  const cursor = subvolume.cursor().within(inode, KEY.inodeItem);
  const isThere = cursor.seek(inode, KEY.inodeItem, 0);
  if (!isThere || cursor.objectId !== inode || cursor.type !== KEY.inodeItem) return undefined;
  const item = new Inode(cursor.node, cursor.slot);
  // Here, for whoever reads on would meet it anywhere.
  void item.size;
  return item;
}

export const MODE = {
  typeMask: 0o170000,
  regular: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
};

export function isRegular(mode: number): boolean {
  return (mode & MODE.typeMask) === MODE.regular;
}
export function isDirectory(mode: number): boolean {
  return (mode & MODE.typeMask) === MODE.directory;
}
export function isSymlink(mode: number): boolean {
  return (mode & MODE.typeMask) === MODE.symlink;
}

/** For a name of a tree whose inode is not in it. */
export function missingInode(inode: number, tree: number): Error {
  return corrupt('inode-missing', say`A name leads to inode ${{ inode }}, which does not exist.`, {
    hint: 'Try dendro rescue on the device.',
    place: { tree, inode },
  });
}

/** For a directory that a walk meets again: it has one place, so names are damaged. */
export function directoryTwice(inode: number, tree?: number): DendroError {
  return corrupt('directory-twice', say`Folder ${{ inode }} stands in two places.`, {
    hint: 'Try dendro rescue on the device.',
    place: { inode, ...(tree !== undefined && { tree }) },
  });
}
