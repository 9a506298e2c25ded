import type { CancelToken } from '../cancel.ts';
import { INODE_FLAG } from '../format/constants.ts';
import {
  fileExtentsPastDamage,
  isDirectory,
  isRegular,
  readDirectoryPastDamage,
  readInode,
  type Inode,
  type Subvolume,
} from '../tree/index.ts';
import { isDamage } from '../volume/index.ts';

export interface TreeCount {
  /** All but folders, by each name. */
  files: number;
  /** As the sizes of the files say, holes included. */
  bytes: number;
  /** What the data takes when it is written out plainly, in whole blocks. */
  diskBytes: number;
}

const BLOCK_BYTES = 4_096;

/** What a copy will write. Damage is gone around here as it is then. */
export class TreeCounter {
  readonly total: TreeCount = { files: 0, bytes: 0, diskBytes: 0 };
  readonly #cancel: CancelToken;
  /** Inodes with several names, each once: 'subvolume inode'. */
  readonly #seen = new Set<string>();

  constructor(cancel: CancelToken) {
    this.#cancel = cancel;
  }

  /** With all below it; a folder that damaged names lead to twice is counted once. */
  add(subvolume: Subvolume, inodeNumber: number): void {
    const folders = new Set<number>();
    const open = [inodeNumber];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      this.#cancel.check();
      const number = next;
      const inode = tolerant(() => readInode(subvolume, number));
      if (inode === undefined || folders.has(number)) continue;
      if (!isDirectory(inode.mode)) this.total.files += 1;
      if (!this.#isNew(subvolume, inode)) continue;
      if (isRegular(inode.mode)) this.#addFile(subvolume, inode);
      if (!isDirectory(inode.mode)) continue;
      folders.add(number);
      for (const entry of readDirectoryPastDamage(subvolume, number, () => {})) {
        if (!entry.isSubvolume) open.push(entry.inode);
      }
    }
  }

  #addFile(subvolume: Subvolume, inode: Inode): void {
    const { total } = this;
    total.bytes += inode.size;
    const data = Math.min(dataBytes(subvolume, inode), inode.size);
    total.diskBytes += Math.ceil(data / BLOCK_BYTES) * BLOCK_BYTES;
  }

  #isNew(subvolume: Subvolume, inode: Inode): boolean {
    if (inode.links <= 1 || isDirectory(inode.mode)) return true;
    const key = `${subvolume.id} ${inode.number}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

/** The inode counts what is stored; set aside and not written must be told apart by extents. */
function dataBytes(subvolume: Subvolume, inode: Inode): number {
  if ((inode.flags & INODE_FLAG.prealloc) === 0) return inode.bytes;
  let sum = 0;
  for (const extent of fileExtentsPastDamage(subvolume, inode.number, () => {})) {
    if (!extent.isZeros) sum += extent.length;
  }
  return sum;
}

function tolerant<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}
