/** BTRFS_IOC_TREE_SEARCH_V2 and what is found with it (`linux/btrfs.h`, `linux/btrfs_tree.h`). */
import { iowr } from './ioctl-number.ts';
import { checked, isErrno, ERRNO } from './libc-error.ts';
import { libc } from './libc.ts';

const SEARCH_HEADER_BYTES = 112;
const ITEM_HEADER_BYTES = 32;
const BUFFER_BYTES = 65536;
const INO_LOOKUP_BYTES = 4096;
const IOC_TREE_SEARCH_V2 = iowr(0x94, 17, SEARCH_HEADER_BYTES);
const IOC_INO_LOOKUP = iowr(0x94, 18, INO_LOOKUP_BYTES);

const MAX_U64 = (1n << 64n) - 1n;
const TREE_ROOTS = 1;
const FIRST_SUBVOLUME = 256n;
const TOP_LEVEL = 5;
const SUBVOLUME_TOP = 256n;
const INODE_REF = 12;
const INODE_EXTREF = 13;
const ROOT_ITEM = 132;
const ROOT_BACKREF = 144;

export interface SearchKey {
  readonly objectId: bigint;
  readonly type: number;
  readonly offset: bigint;
}

export interface FoundItem extends SearchKey {
  readonly transid: number;
  /** Borrowed: valid until the next item. */
  readonly data: Buffer;
}

/** Every item of `tree` from `first` to `last`, in key order. Needs CAP_SYS_ADMIN. */
export function* searchTree(
  fd: number,
  tree: number,
  first: SearchKey,
  last: SearchKey,
): Generator<FoundItem> {
  const argument = Buffer.alloc(SEARCH_HEADER_BYTES + BUFFER_BYTES);
  let next: SearchKey | undefined = first;
  while (next !== undefined) {
    fillKey(argument, tree, next, last);
    checked(libc().ioctl(fd, IOC_TREE_SEARCH_V2, argument), 'search the btrfs trees');
    const count = argument.readUInt32LE(64);
    if (count === 0) return;
    let at = SEARCH_HEADER_BYTES;
    for (let i = 0; i < count; i += 1) {
      const length = argument.readUInt32LE(at + 28);
      const item: FoundItem = {
        transid: Number(argument.readBigUInt64LE(at)),
        objectId: argument.readBigUInt64LE(at + 8),
        offset: argument.readBigUInt64LE(at + 16),
        type: argument.readUInt32LE(at + 24),
        data: argument.subarray(at + ITEM_HEADER_BYTES, at + ITEM_HEADER_BYTES + length),
      };
      next = after(item);
      // The kernel bounds each part of the key by itself: leave out what lies between.
      if (compare(item, first) >= 0 && compare(item, last) <= 0) yield item;
      at += ITEM_HEADER_BYTES + length;
    }
    if (next !== undefined && compare(next, last) > 0) return;
  }
}

/** What a root item says of a subvolume (struct btrfs_root_item). */
export interface RootFacts {
  readonly id: number;
  readonly readOnly: boolean;
  readonly uuid: Buffer;
  readonly parentUuid: Buffer;
  readonly receivedUuid: Buffer;
  readonly generation: number;
  /** Transaction of the last change, and of the creation. */
  readonly ctransid: number;
  readonly otransid: number;
  /** Of a received one: the sender's ctransid, and the transaction it was received in. */
  readonly stransid: number;
  readonly rtransid: number;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly receivedAtMs: number;
}

/** The root item of subvolume `id`, or undefined when there is none (deleted). */
export function rootFacts(fd: number, id: number): RootFacts | undefined {
  const first = { objectId: BigInt(id), type: ROOT_ITEM, offset: 0n };
  const last = { ...first, offset: MAX_U64 };
  for (const { data } of searchTree(fd, TREE_ROOTS, first, last)) {
    const facts = parseRootItem(id, data);
    if (facts !== undefined) return facts;
  }
  return undefined;
}

/**
 * Every subvolume of the filesystem, in order of id. One that was deleted loses its name at once,
 * but its root item says so only after the next commit.
 */
export function* allRootFacts(fd: number): Generator<RootFacts> {
  const first = { objectId: FIRST_SUBVOLUME, type: ROOT_ITEM, offset: 0n };
  const last = { objectId: MAX_U64 - 256n, type: ROOT_BACKREF, offset: MAX_U64 };
  let facts: RootFacts | undefined;
  for (const { type, objectId, data } of searchTree(fd, TREE_ROOTS, first, last)) {
    const id = Number(objectId);
    if (type === ROOT_ITEM) facts = parseRootItem(id, data) ?? facts;
    if (type !== ROOT_BACKREF || facts?.id !== id) continue;
    yield facts;
    facts = undefined;
  }
}

/** btrfs_root_item of `linux/btrfs_tree.h`; its times from 327 on: ctime, otime, stime, rtime. */
function parseRootItem(id: number, data: Buffer): RootFacts | undefined {
  if (data.length < 375 || data.readUInt32LE(216) === 0) return undefined;
  return {
    id,
    readOnly: (data.readBigUInt64LE(208) & 1n) !== 0n,
    uuid: Buffer.from(data.subarray(247, 263)),
    parentUuid: Buffer.from(data.subarray(263, 279)),
    receivedUuid: Buffer.from(data.subarray(279, 295)),
    generation: Number(data.readBigUInt64LE(160)),
    ctransid: Number(data.readBigUInt64LE(295)),
    otransid: Number(data.readBigUInt64LE(303)),
    stransid: Number(data.readBigUInt64LE(311)),
    rtransid: Number(data.readBigUInt64LE(319)),
    createdAtMs: timeMs(data, 339),
    changedAtMs: timeMs(data, 327),
    receivedAtMs: timeMs(data, 363),
  };
}

/** btrfs_timespec: i64 of seconds, u32 of nanoseconds. */
function timeMs(data: Buffer, at: number): number {
  return Number(data.readBigInt64LE(at)) * 1000 + Math.floor(data.readUInt32LE(at + 8) / 1e6);
}

/** The subvolume that holds the directory entry of subvolume `id`. */
export function parentSubvolume(fd: number, id: number): number | undefined {
  return parentOf(fd, id)?.parentId;
}

/** The path of subvolume `id` from the top level of its filesystem, without a leading slash. */
export function subvolumePath(fd: number, id: number): Buffer | undefined {
  const parts: Buffer[] = [];
  // A chain longer than this is a loop: paths are at most 4,096 bytes.
  for (let depth = 0; id !== TOP_LEVEL; depth += 1) {
    if (depth > 2048) return undefined;
    const up = parentOf(fd, id);
    if (up === undefined) return undefined;
    const directory = directoryPath(fd, up.parentId, up.directory);
    if (directory === undefined) return undefined;
    parts.unshift(Buffer.concat([directory, up.name]));
    id = up.parentId;
  }
  return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from('/'), part])));
}

interface Upward {
  readonly parentId: number;
  readonly directory: bigint;
  readonly name: Buffer;
}

/** btrfs_root_ref: dirid u64, sequence u64, name_len u16, name; the key's offset is the parent. */
function parentOf(fd: number, id: number): Upward | undefined {
  const first = { objectId: BigInt(id), type: ROOT_BACKREF, offset: 0n };
  for (const item of searchTree(fd, TREE_ROOTS, first, { ...first, offset: MAX_U64 })) {
    const { data } = item;
    if (data.length < 18) return undefined;
    const name = Buffer.from(data.subarray(18, 18 + data.readUInt16LE(16)));
    return { parentId: Number(item.offset), directory: data.readBigUInt64LE(0), name };
  }
  return undefined;
}

/**
 * One path of an inode in its subvolume (the tree of `fd` when `tree` is 0), with a slash at its
 * end; empty for the top, undefined when there is no such inode.
 */
export function directoryPath(fd: number, tree: number, inode: bigint): Buffer | undefined {
  const argument = Buffer.alloc(INO_LOOKUP_BYTES);
  argument.writeBigUInt64LE(BigInt(tree), 0);
  argument.writeBigUInt64LE(inode, 8);
  try {
    checked(libc().ioctl(fd, IOC_INO_LOOKUP, argument), 'look up a directory');
  } catch (error) {
    // It knows no path of more than 4,080 bytes, and of a file only the names that came first.
    if (isErrno(error, ERRNO.ENAMETOOLONG, ERRNO.ENOENT)) return pathByLinks(fd, tree, inode);
    throw error;
  }
  const name = argument.subarray(16);
  return Buffer.from(name.subarray(0, name.indexOf(0)));
}

/** The same by the links of the inode and of all above it. */
function pathByLinks(fd: number, tree: number, inode: bigint): Buffer | undefined {
  const names: Buffer[] = [];
  for (let at = inode; at !== SUBVOLUME_TOP;) {
    const { value: link } = linksOf(fd, tree, at).next();
    if (link === undefined) return undefined;
    names.unshift(link.name);
    at = link.parent;
  }
  return Buffer.concat(names.flatMap((name) => [name, Buffer.from('/')]));
}

/** btrfs_inode_ref: index u64, name_len u16, name; btrfs_inode_extref: the parent u64 before them. */
function* linksOf(
  fd: number,
  tree: number,
  inode: bigint,
): Generator<{ readonly parent: bigint; readonly name: Buffer }, void> {
  const first = { objectId: inode, type: INODE_REF, offset: 0n };
  const last = { objectId: inode, type: INODE_EXTREF, offset: MAX_U64 };
  for (const { type, offset, data } of searchTree(fd, tree, first, last)) {
    const isExtended = type === INODE_EXTREF;
    const start = isExtended ? 18 : 10;
    if (data.length < start) continue;
    const name = Buffer.from(data.subarray(start, start + data.readUInt16LE(start - 2)));
    yield { parent: isExtended ? data.readBigUInt64LE(0) : offset, name };
  }
}

/** struct btrfs_ioctl_search_key. */
function fillKey(argument: Buffer, tree: number, from: SearchKey, to: SearchKey): void {
  argument.fill(0, 0, SEARCH_HEADER_BYTES);
  argument.writeBigUInt64LE(BigInt(tree), 0);
  argument.writeBigUInt64LE(from.objectId, 8);
  argument.writeBigUInt64LE(to.objectId, 16);
  argument.writeBigUInt64LE(from.offset, 24);
  argument.writeBigUInt64LE(to.offset, 32);
  argument.writeBigUInt64LE(MAX_U64, 48);
  argument.writeUInt32LE(from.type, 56);
  argument.writeUInt32LE(to.type, 60);
  argument.writeUInt32LE(0xffffffff, 64);
  argument.writeBigUInt64LE(BigInt(BUFFER_BYTES), 104);
}

function compare(a: SearchKey, b: SearchKey): number {
  if (a.objectId !== b.objectId) return a.objectId < b.objectId ? -1 : 1;
  if (a.type !== b.type) return a.type - b.type;
  return a.offset === b.offset ? 0 : a.offset < b.offset ? -1 : 1;
}

function after(key: SearchKey): SearchKey | undefined {
  if (key.offset < MAX_U64) return { ...key, offset: key.offset + 1n };
  if (key.type < 255) return { ...key, type: key.type + 1, offset: 0n };
  if (key.objectId < MAX_U64) return { objectId: key.objectId + 1n, type: 0, offset: 0n };
  return undefined;
}
