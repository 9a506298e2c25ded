import { corrupt } from '../../../shared/errors.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../cancel.ts';
import { INODE_FLAG } from '../format/constants.ts';
import {
  isDirectory,
  isRegular,
  isSymlink,
  joinPath,
  readDirectory,
  readFile,
  readInode,
  readSymlink,
  type Inode,
  type Subvolume,
} from '../tree/index.ts';
import type { Creation } from '../sink/held-creation.ts';
import { encodeDevice } from '../stream/device-number.ts';
import type { TreeWriter } from '../sink/tree-writer.ts';
import { writeProperties, type OnLoss } from './write-properties.ts';

/** Deeper than any path that can be opened by name (PATH_MAX is 4,096). */
const MAX_DEPTH = 2_048;
/** Set before the first byte: they cannot be changed on a file that has data. */
const FLAGS_BEFORE_DATA = INODE_FLAG.nodatacow | INODE_FLAG.nodatasum;

export interface CopyHooks {
  readonly cancel: CancelToken;
  /** Called for each file, and every piece of a large one. */
  readonly onProgress: (bytes: number, files: number, path: string) => void;
  readonly onLoss: OnLoss;
}

/**
 * Copies one inode of a snapshot, with all below it, to a path below the writer's root: content
 * with its holes, names with their hard links, owner, mode, xattrs, times and flags.
 */
export class TreeCopy {
  bytes = 0;
  files = 0;
  readonly #subvolume: Subvolume;
  readonly #writer: TreeWriter;
  readonly #hooks: CopyHooks;
  /** Where each inode with several names was put first. */
  readonly #linked = new Map<number, Uint8Array>();

  constructor(subvolume: Subvolume, writer: TreeWriter, hooks: CopyHooks) {
    this.#subvolume = subvolume;
    this.#writer = writer;
    this.#hooks = hooks;
  }

  copy(inodeNumber: number, to: Uint8Array, depth = 0): void {
    this.#hooks.cancel.check();
    const inode = this.#require(inodeNumber, depth);
    if (isDirectory(inode.mode)) return this.#copyDirectory(inode, to, depth);
    const first = this.#linked.get(inode.number);
    if (first !== undefined) return this.#writer.link(to, first);
    if (inode.links > 1) this.#linked.set(inode.number, Uint8Array.from(to));
    this.#writer.create(to, this.#creationOf(inode));
    this.#writer.settle();
    if (isRegular(inode.mode)) this.#copyData(inode, to);
    writeProperties(this.#subvolume, inode, to, this.#writer.inodes, this.#hooks.onLoss);
    this.files += 1;
    this.#report(to);
  }

  /** Only the directory itself, for the folders above what is restored. */
  makeDirectory(inodeNumber: number, to: Uint8Array): void {
    const inode = this.#require(inodeNumber, 0);
    this.#writer.create(to, { kind: 'directory' });
    this.#writer.settle();
    writeProperties(this.#subvolume, inode, to, this.#writer.inodes, this.#hooks.onLoss);
  }

  /** Its own times last: each name made in it changes them. */
  #copyDirectory(inode: Inode, to: Uint8Array, depth: number): void {
    this.#writer.create(to, { kind: 'directory' });
    this.#writer.settle();
    this.files += 1;
    for (const entry of [...readDirectory(this.#subvolume, inode.number)]) {
      const path = joinPath(to, entry.name);
      if (entry.isSubvolume) {
        // A snapshot holds but the empty place of a nested subvolume.
        this.#writer.create(path, { kind: 'directory' });
        this.#hooks.onLoss(path, 'a subvolume of its own: its files are in its own snapshots');
      } else this.copy(entry.inode, path, depth + 1);
    }
    this.#writer.settle();
    writeProperties(this.#subvolume, inode, to, this.#writer.inodes, this.#hooks.onLoss);
    this.#report(to);
  }

  #copyData(inode: Inode, to: Uint8Array): void {
    const { inodes } = this.#writer;
    const before = inode.flags & FLAGS_BEFORE_DATA;
    if (before !== 0) inodes.fileattr(to, before);
    for (const chunk of readFile(this.#subvolume, inode.number)) {
      this.#hooks.cancel.check();
      if (!chunk.isHole) inodes.write(to, chunk.offset, chunk.data);
      this.bytes += chunk.data.length;
      this.#report(to);
    }
    inodes.truncate(to, inode.size);
  }

  #creationOf(inode: Inode): Creation {
    if (isRegular(inode.mode)) return { kind: 'file' };
    if (isSymlink(inode.mode)) {
      return { kind: 'symlink', target: readSymlink(this.#subvolume, inode.number) };
    }
    return { kind: 'node', mode: inode.mode, rdev: encodeDevice(inode.rdev) };
  }

  #require(number: number, depth: number): Inode {
    const inode = readInode(this.#subvolume, number);
    if (inode && depth < MAX_DEPTH) return inode;
    const why = inode ? 'Folders are nested too deep' : `Inode ${number} does not exist`;
    throw corrupt('tree-damaged', `${why}; the snapshot is damaged.`, {
      hint: 'Try dendro rescue on the device.',
      place: { tree: this.#subvolume.id, inode: number },
    });
  }

  #report(path: Uint8Array): void {
    this.#hooks.onProgress(this.bytes, this.files, textFromBytes(path));
  }
}

/** What a copy will write: files (folders and all) and bytes. */
export function countTree(
  subvolume: Subvolume,
  inodeNumber: number,
  cancel: CancelToken,
  seen = new Set<number>(),
  depth = 0,
): { files: number; bytes: number } {
  cancel.check();
  const inode = readInode(subvolume, inodeNumber);
  if (!inode || depth > MAX_DEPTH || seen.has(inodeNumber)) return { files: 0, bytes: 0 };
  if (inode.links > 1) seen.add(inodeNumber);
  const total = { files: 1, bytes: isRegular(inode.mode) ? inode.size : 0 };
  if (!isDirectory(inode.mode)) return total;
  for (const entry of [...readDirectory(subvolume, inodeNumber)]) {
    if (entry.isSubvolume) continue;
    const below = countTree(subvolume, entry.inode, cancel, seen, depth + 1);
    total.files += below.files;
    total.bytes += below.bytes;
  }
  return total;
}
