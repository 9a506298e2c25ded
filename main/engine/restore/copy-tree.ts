import type { DendroError } from '../../../shared/errors.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../cancel.ts';
import {
  directoryTwice,
  isDirectory,
  isRegular,
  isSymlink,
  joinPath,
  missingInode,
  readDirectoryPastDamage,
  readInode,
  readSymlink,
  type DirectoryEntry,
  type Inode,
  type Subvolume,
} from '../tree/index.ts';
import type { Creation } from '../sink/held-creation.ts';
import { encodeDevice } from '../stream/device-number.ts';
import type { TreeWriter } from '../sink/tree-writer.ts';
import { copyData, dataPastDamage, throwIfGone } from './copy-data.ts';
import type { DamageList } from './damage-list.ts';
import type { ReflinkSource } from './reflink-source.ts';
import type { EarlierRun } from './earlier-run.ts';
import type { TargetTree } from './target-tree.ts';
import { keepTimes, writeProperties, type OnLoss } from './write-properties.ts';
import { lost } from '../sink/lost.ts';

export interface CopyHooks {
  readonly cancel: CancelToken;
  /** Called for each file, and every piece of a large one. */
  readonly onProgress: (bytes: number, files: number, path: string) => void;
  readonly onLoss: OnLoss;
  readonly damages: DamageList;
  readonly reflink: ReflinkSource | undefined;
  /** What a run that was killed has made already. */
  readonly earlier: EarlierRun | undefined;
}

/** A folder that is there, with names in it still to come. */
interface OpenFolder {
  readonly inode: Inode;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly entries: IterableIterator<DirectoryEntry>;
  readonly nameOf: ReturnType<TargetTree['names']['inFolder']>;
}

/**
 * Copies inodes of a snapshot, with all below them, to paths below the writer's root: content
 * with its holes, names with their hard links, owner, mode, xattrs, times and flags. What is
 * damaged is listed and left out, what the target refuses is reported; the rest goes on.
 */
export class TreeCopy {
  bytes = 0;
  files = 0;
  /** Of `bytes`: shared with the snapshot, so nothing was written. */
  sharedBytes = 0;
  readonly #subvolume: Subvolume;
  readonly #target: TargetTree;
  readonly #writer: TreeWriter;
  readonly #hooks: CopyHooks;
  /** Where each inode with several names was put first. */
  readonly #linked = new Map<number, Uint8Array>();
  /** The folders above what is copied just now: trees may be deeper than calls can be nested. */
  readonly #open: OpenFolder[] = [];
  /** Folders of what is copied just now: damaged names may lead into one again and again. */
  readonly #seen = new Set<number>();

  constructor(subvolume: Subvolume, target: TargetTree, hooks: CopyHooks) {
    this.#subvolume = subvolume;
    this.#target = target;
    this.#writer = target.writer;
    this.#hooks = hooks;
  }

  /** @param from in the subvolume, for the report and for sharing extents. */
  copy(inodeNumber: number, from: Uint8Array, to: Uint8Array): void {
    this.#copyOne(inodeNumber, from, to);
    this.#goOn();
  }

  #copyOne(inodeNumber: number, from: Uint8Array, to: Uint8Array): void {
    this.#hooks.cancel.check();
    const inode = this.#past(from, () => this.#require(inodeNumber));
    if (inode === undefined) return;
    if (isDirectory(inode.mode)) return this.#copyDirectory(inode, from, to);
    if (this.#link(inode, to)) return this.#count(from);
    const { earlier, damages } = this.#hooks;
    const done = earlier?.doneOf(inode, to, !damages.wasPatched(from)) ?? 0;
    if (done === 'all') this.#countDone(inode);
    else if (!this.#past(from, () => this.#copyFile(inode, from, to, done))) return;
    if (inode.links > 1) this.#linked.set(inode.number, Uint8Array.from(to));
    this.#count(from);
  }

  /** A file that an earlier run has made, in the way in which this one would. */
  #countDone(inode: Inode): void {
    if (!isRegular(inode.mode)) return;
    this.bytes += inode.size;
    if (this.#hooks.reflink !== undefined) this.sharedBytes += inode.size;
  }

  /** The same for a directory that is there already, empty. */
  copyInto(inodeNumber: number, from: Uint8Array, to: Uint8Array): void {
    const inode = this.#past(from, () => this.#require(inodeNumber));
    if (inode !== undefined) this.#enter(inode, from, to);
    this.#goOn();
  }

  makePlainDirectory(to: Uint8Array): void {
    this.#writer.create(to, { kind: 'directory' });
    this.#writer.settle();
  }

  /** Only the directory itself, for the folders above what is restored. */
  makeDirectory(inodeNumber: number, to: Uint8Array): void {
    const inode = this.#require(inodeNumber);
    this.makePlainDirectory(to);
    writeProperties(this.#subvolume, inode, to, this.#writer.inodes, this.#hooks.onLoss);
  }

  /** The times of such a folder again, when what was missing in it is there. */
  keepProperties(inodeNumber: number, to: Uint8Array): void {
    const inode = this.#require(inodeNumber);
    writeProperties(this.#subvolume, inode, to, this.#writer.inodes, this.#hooks.onLoss);
  }

  #copyDirectory(inode: Inode, from: Uint8Array, to: Uint8Array): void {
    const isKnown = this.#past(from, () => this.#requireNew(inode));
    if (isKnown === undefined) return;
    if (this.#hooks.earlier?.hasDirectory(to) !== true) {
      if (!this.#target.create(to, { kind: 'directory' })) return;
    }
    this.#enter(inode, from, to);
  }

  #enter(inode: Inode, from: Uint8Array, to: Uint8Array): void {
    this.#seen.add(inode.number);
    const nameOf = this.#target.names.inFolder(this.#hooks.onLoss);
    this.#open.push({ inode, from, to, entries: this.#entries(inode, from).values(), nameOf });
  }

  /** What the folders under way hold, the innermost first. */
  #goOn(): void {
    for (let folder = this.#open.at(-1); folder !== undefined; folder = this.#open.at(-1)) {
      const { done, value: entry } = folder.entries.next();
      if (done === true) this.#leave(this.#open.pop()!);
      else this.#copyEntry(folder, entry);
    }
    this.#seen.clear();
  }

  #copyEntry({ from, to, nameOf }: OpenFolder, entry: DirectoryEntry): void {
    const source = joinPath(from, entry.name);
    const path = joinPath(to, nameOf(entry.name, source));
    if (!entry.isSubvolume) return this.#copyOne(entry.inode, source, path);
    // A snapshot holds but the empty place of a nested subvolume.
    const isThere = this.#hooks.earlier?.hasDirectory(path) === true;
    if (!isThere) this.#target.create(path, { kind: 'directory' });
    this.#hooks.onLoss(source, lost.subvolume);
  }

  /** Its own times last: each name made in it changes them. */
  #leave({ inode, from, to }: OpenFolder): void {
    this.#writer.settle();
    this.#past(from, () =>
      writeProperties(this.#subvolume, inode, to, this.#writer.inodes, this.#hooks.onLoss),
    );
    this.#report(from);
  }

  /** What can be read of a directory. */
  #entries(inode: Inode, from: Uint8Array): DirectoryEntry[] {
    const onLost = (error: DendroError): void =>
      void this.#past(from, () => {
        throw error;
      });
    return [...readDirectoryPastDamage(this.#subvolume, inode.number, onLost)];
  }

  /** @returns whether it is there now. */
  #copyFile(inode: Inode, from: Uint8Array, to: Uint8Array, done: number): boolean {
    const creation = this.#creationOf(inode);
    if (done === 0 && !this.#target.create(to, creation)) return false;
    if (isRegular(inode.mode)) {
      const filled = this.#fill(inode, from, to, done);
      if (filled === 'pieces') keepTimes(inode.times, to, this.#writer.inodes);
      if (filled !== 'file') return filled === 'pieces';
    }
    writeProperties(this.#subvolume, inode, to, this.#writer.inodes, this.#hooks.onLoss);
    this.#hooks.earlier?.made(to);
    return true;
  }

  #fill(
    inode: Inode,
    from: Uint8Array,
    to: Uint8Array,
    done: number,
  ): ReturnType<TargetTree['fill']> {
    const { damages, reflink } = this.#hooks;
    const before = this.bytes;
    const onBytes = (bytes: number, isShared: boolean): void => {
      this.#hooks.cancel.check();
      this.bytes += bytes;
      if (isShared) this.sharedBytes += bytes;
      this.#report(from);
    };
    const job = { subvolume: this.#subvolume, inode, from, to, done };
    const write = (): void => copyData(job, this.#writer.inodes, { reflink, damages, onBytes });
    const data = () => dataPastDamage(job, damages);
    const again = (bytes: number): void => onBytes(bytes, false);
    const reached = (): number => {
      const bytes = this.bytes - before;
      this.bytes = before;
      return bytes;
    };
    return this.#target.fill({ from, to, sizeBytes: inode.size, data }, write, reached, again);
  }

  /** A further name of an inode that is there already; false when it has to be made by itself. */
  #link(inode: Inode, to: Uint8Array): boolean {
    const first = this.#linked.get(inode.number);
    if (first === undefined) return false;
    return this.#hooks.earlier?.isSame(first, to) === true || this.#target.link(to, first);
  }

  /** Undefined: it is damaged, which is in the list. @throws Io 'source-gone' */
  #past<T>(from: Uint8Array, work: () => T): T | undefined {
    return this.#target.pastDamage(from, work, (error) => throwIfGone(this.#subvolume, error));
  }

  #creationOf(inode: Inode): Creation {
    if (isRegular(inode.mode)) return { kind: 'file' };
    if (isSymlink(inode.mode)) {
      return { kind: 'symlink', target: readSymlink(this.#subvolume, inode.number) };
    }
    return { kind: 'node', mode: inode.mode, rdev: encodeDevice(inode.rdev) };
  }

  #require(number: number): Inode {
    const inode = readInode(this.#subvolume, number);
    if (inode !== undefined) return inode;
    throw missingInode(number, this.#subvolume.id);
  }

  #requireNew({ number }: Inode): true {
    if (!this.#seen.has(number)) return true;
    throw directoryTwice(number, this.#subvolume.id);
  }

  #count(path: Uint8Array): void {
    this.files += 1;
    this.#report(path);
  }

  #report(path: Uint8Array): void {
    this.#hooks.onProgress(this.bytes, this.files, textFromBytes(path));
  }
}
