import type { DendroError } from '../../shared/errors.ts';
import type { EntryType } from '../../shared/model/entry.ts';
import { encodeDevice } from '../engine/stream/device-number.ts';
import {
  findEntry,
  isRegular,
  nestedSubvolume,
  readDirectoryPastDamage,
  readStored,
  readSymlink,
  readXattrs,
  type DirectoryEntry,
  type Inode,
  type Subvolume,
} from '../engine/tree/index.ts';
import { entryType, requireInode } from '../engine/verbs/entries.ts';
import { isDamage } from '../engine/volume/index.ts';
import { NOTHING, type PlacedNode, type Stretch } from './node.ts';

/** FILE_TYPE of the mode's type (the order of `S_IF*` in `mode >> 12`). */
const FILE_TYPES: Readonly<Record<number, number>> = { 1: 5, 2: 3, 4: 2, 6: 4, 8: 1, 10: 7, 12: 6 };

/** Of an inode that cannot be read. */
const NO_ITEM = {
  ...{ links: 1, size: 0, bytes: 0, mode: 0, uid: 0, gid: 0, mtime: undefined, times: undefined },
  ...{ rdev: 0, flags: undefined, hasChecksums: true },
} as const;

/** An inode of a subvolume, read off the device. */
export class SnapshotNode implements PlacedNode {
  readonly subvolume: Subvolume;
  readonly inode: number;
  readonly type: EntryType;
  readonly problem: DendroError | undefined;
  readonly #item: Inode | typeof NO_ITEM;

  /**
   * @param named its type as its name has it, for one that may be damaged: see `problem`.
   * @throws Corrupt 'inode-missing'
   */
  constructor(subvolume: Subvolume, inode: number, named?: EntryType) {
    this.subvolume = subvolume;
    this.inode = inode;
    try {
      const item = requireInode(subvolume, inode);
      this.#item = item;
      this.type = entryType(FILE_TYPES[item.mode >>> 12] ?? 0);
    } catch (error) {
      if (named === undefined || !isDamage(error)) throw error;
      this.#item = NO_ITEM;
      this.type = named;
      this.problem = error;
    }
  }

  get identity(): unknown {
    return `${this.subvolume.id} ${this.inode}`;
  }
  get links(): number {
    return this.#item.links;
  }
  get sizeBytes(): number {
    return isRegular(this.#item.mode) ? this.#item.size : 0;
  }
  get dataBytes(): number {
    return Math.min(this.sizeBytes, this.#item.bytes);
  }
  get mode(): number {
    return this.#item.mode & 0o7777;
  }
  get uid(): number {
    return this.#item.uid;
  }
  get gid(): number {
    return this.#item.gid;
  }
  get modified(): PlacedNode['modified'] {
    const { mtime } = this.#item;
    return mtime && { seconds: Number(mtime.seconds), nanoseconds: mtime.nanoseconds };
  }
  get times(): Uint8Array | undefined {
    return this.#item.times;
  }
  get rdev(): number {
    return encodeDevice(this.#item.rdev);
  }
  get flags(): number | undefined {
    return this.#item.flags;
  }
  get hasChecksums(): boolean {
    return this.#item.hasChecksums;
  }

  target(): Buffer | undefined {
    return this.type === 'symlink'
      ? Buffer.from(readSymlink(this.subvolume, this.inode))
      : undefined;
  }

  xattrs(): ReadonlyMap<string, Buffer> {
    const found = readXattrs(this.subvolume, this.inode);
    return new Map(found.map(({ name, value }) => [latin1(name), Buffer.from(value)]));
  }

  children(onLost?: (error: DendroError) => void): ReadonlyMap<string, PlacedNode> {
    const found = new Map<string, PlacedNode>();
    if (this.type !== 'directory') return found;
    const strict = (error: DendroError): void => {
      throw error;
    };
    const entries = readDirectoryPastDamage(this.subvolume, this.inode, onLost ?? strict);
    for (const entry of [...entries]) {
      const type = onLost && entryType(entry.type);
      found.set(latin1(entry.name), this.#nodeOf(entry, type));
    }
    return found;
  }

  child(name: string): PlacedNode | undefined {
    if (this.type !== 'directory') return undefined;
    const entry = findEntry(this.subvolume, this.inode, Buffer.from(name, 'latin1'));
    return entry && this.#nodeOf(entry);
  }

  read(from = 0, length = Number.MAX_SAFE_INTEGER): Iterable<Stretch> {
    return readStored(this.subvolume, this.inode, from, length);
  }

  #nodeOf(entry: DirectoryEntry, type?: EntryType): PlacedNode {
    if (!entry.isSubvolume) return new SnapshotNode(this.subvolume, entry.inode, type);
    return nestedNode(nestedSubvolume(this.subvolume, this.inode, entry));
  }
}

/** The place of another subvolume: in a snapshot it is empty, in a subvolume in use it has files. */
function nestedNode(nested: Subvolume | undefined): PlacedNode {
  const id = nested?.id ?? 0;
  return {
    ...{ type: 'subvolume', identity: `subvolume ${id}`, inode: id, links: 1, sizeBytes: 0 },
    dataBytes: 0,
    ...{ mode: 0o755, uid: 0, gid: 0, modified: undefined, times: undefined, rdev: 0 },
    flags: undefined,
    target: () => undefined,
    xattrs: () => NOTHING,
    children: () => NOTHING,
    child: () => undefined,
    read: () => [],
  };
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
