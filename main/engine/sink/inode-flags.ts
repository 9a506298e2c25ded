import {
  BARRING,
  fileFlags,
  fileFlagsIfAny,
  FS_FLAG,
  trySetBarring,
  trySetFileFlags,
} from '../../linux/btrfs-ioctl-file.ts';
import {
  AT_SYMLINK_NOFOLLOW,
  cString,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
  statAt,
  statFd,
} from '../../linux/files.ts';
import { getXattr, setXattr } from '../../linux/xattr.ts';
import { errnoName } from '../../linux/libc-error.ts';
import { lastErrno } from '../../linux/libc.ts';
import { INODE_FLAG } from '../format/constants.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { Place, type ConfinedTree } from './confined-tree.ts';
import type { OpenInode } from './open-inode.ts';

/** The inode item's flags beside those that FS_IOC_SETFLAGS takes (`btrfs(5)`, file attributes). */
const PAIRS: readonly (readonly [inode: number, file: number])[] = [
  [INODE_FLAG.nodatacow, FS_FLAG.noCow],
  [INODE_FLAG.nocompress, FS_FLAG.noCompress],
  [INODE_FLAG.sync, FS_FLAG.sync],
  [INODE_FLAG.immutable, FS_FLAG.immutable],
  [INODE_FLAG.append, FS_FLAG.append],
  [INODE_FLAG.nodump, FS_FLAG.noDump],
  [INODE_FLAG.noatime, FS_FLAG.noAtime],
  [INODE_FLAG.dirsync, FS_FLAG.dirSync],
  [INODE_FLAG.compress, FS_FLAG.compress],
];
const SETTABLE = PAIRS.reduce((sum, [, file]) => sum | file, 0);

const COMPRESSING = FS_FLAG.compress | FS_FLAG.noCompress;
const COMPRESSION = cString('btrfs.compression');

/** Inode flags, in an order that works: those that forbid changes wait for the end. */
export class Flags {
  /** Inode number to the flags it must end with. */
  readonly deferred = new Map<number, number>();
  /** Some of them are an earlier run's: inodes that are made from here on may have their numbers. */
  isRestored = false;
  readonly #tree: ConfinedTree;
  readonly #inode: OpenInode;
  readonly #place = new Place();
  readonly #onDeferred: ((inode: number, flags: number) => void) | undefined;

  constructor(
    tree: ConfinedTree,
    inode: OpenInode,
    onDeferred: ((inode: number, flags: number) => void) | undefined,
  ) {
    this.#tree = tree;
    this.#inode = inode;
    this.#onDeferred = onDeferred;
  }

  /** Applies the flags of a `fileattr` command; says what could not be set, '' for nothing. */
  apply(path: Bytes, inodeFlags: number): string {
    const fd = this.#inode.at(path).readable();
    const number = statFd(fd).inode;
    const wanted = toFileFlags(inodeFlags);
    const now = fileFlags(fd, path);
    if ((wanted & BARRING) !== 0 || this.deferred.has(number)) this.#defer(number, wanted);
    const target = (now & ~SETTABLE) | (wanted & ~BARRING);
    if (now === target) return '';
    const property = getXattr(fd, COMPRESSION);
    const isSet = trySetFileFlags(fd, target) >= 0;
    const lost = isSet ? notTaken(fd, target) : this.#applyOneByOne(fd, now, target);
    if (property !== undefined && (target & COMPRESSING) !== 0) restoreProperty(fd, property);
    return lost;
  }

  /** What an earlier run had deferred. */
  restore(flags: Map<number, number>): void {
    this.isRestored = flags.size > 0;
    for (const [inode, value] of flags) this.deferred.set(inode, value);
  }

  /** A new inode, which may have the number of one that an earlier run removed. */
  born(inode: number): void {
    if (((this.deferred.get(inode) ?? 0) & BARRING) !== 0) this.#defer(inode, 0);
  }

  /** A new inode without flags of its own. */
  clear(path: Bytes): void {
    const fd = this.#inode.at(path).readable();
    const now = fileFlagsIfAny(fd);
    if ((now & SETTABLE) !== 0) trySetFileFlags(fd, now & ~SETTABLE);
  }

  /** Lifts immutable and append-only until the end; false when the inode had neither. */
  thaw(path: Bytes): boolean {
    if (!this.#isPlain(path)) return false;
    this.#inode.leave();
    const fd = this.#inode.at(path).readable();
    const now = fileFlagsIfAny(fd);
    if ((now & BARRING) === 0) return false;
    const number = statFd(fd).inode;
    if (!this.deferred.has(number)) this.#defer(number, now);
    return trySetBarring(fd, 0) >= 0;
  }

  /** Takes nodatacow away, under which there is no compression; false: it was not there. */
  uncover(path: Bytes): boolean {
    const fd = this.#inode.at(path).readable();
    const now = fileFlagsIfAny(fd);
    return (now & FS_FLAG.noCow) !== 0 && trySetFileFlags(fd, now & ~FS_FLAG.noCow) >= 0;
  }

  #defer(inode: number, flags: number): void {
    this.deferred.set(inode, flags);
    this.#onDeferred?.(inode, flags);
  }

  /**
   * A flag may be refused by itself, as +C is for a file that has data: the others are kept. What
   * goes, goes first: the kernel refuses nodatacow beside a flag of compression even where the
   * same call takes that away.
   */
  #applyOneByOne(fd: number, from: number, to: number): string {
    const lost: string[] = [];
    let now = from;
    const change = (flag: number, next: number): void => {
      if (trySetFileFlags(fd, next) >= 0) now = next;
      else lost.push(`${flagName(flag)} (${errnoName(lastErrno())})`);
    };
    for (const [, flag] of PAIRS) if ((now & ~to & flag) !== 0) change(flag, now & ~flag);
    for (const [, flag] of PAIRS) if ((to & ~now & flag) !== 0) change(flag, now | flag);
    return lost.join(', ');
  }

  #isPlain(path: Bytes): boolean {
    if (path.length === 0) return true;
    try {
      this.#tree.locate(path, this.#place);
      const { mode } = statAt(this.#place.dir, this.#place.name, AT_SYMLINK_NOFOLLOW);
      return (mode & S_IFMT) === S_IFREG || (mode & S_IFMT) === S_IFDIR;
    } catch {
      return false;
    }
  }
}

/** The kernel does not take both flags of compression at once, and shows the one against it. */
export function toFileFlags(inodeFlags: number): number {
  let out = 0;
  for (const [inode, file] of PAIRS) if ((inodeFlags & inode) !== 0) out |= file;
  return (out & FS_FLAG.noCompress) === 0 ? out : out & ~FS_FLAG.compress;
}

/**
 * With any flag that is set the kernel sets the property `btrfs.compression`, too: by the flags
 * of compression and the mount option, whatever it was before.
 */
function restoreProperty(fd: number, value: Uint8Array): void {
  const now = getXattr(fd, COMPRESSION);
  if (now === undefined || !now.equals(value)) setXattr(fd, COMPRESSION, value);
}

/** The kernel says nothing of nodatacow that it does not set, or clear, on a file that has data. */
function notTaken(fd: number, target: number): string {
  const different = (fileFlags(fd) ^ target) & SETTABLE;
  const names = PAIRS.filter(([, flag]) => (different & flag) !== 0).map(([, flag]) =>
    (target & flag) === 0 ? `${flagName(flag)} (stays)` : `${flagName(flag)} (not taken)`,
  );
  return names.join(', ');
}

function flagName(flag: number): string {
  return Object.entries(FS_FLAG).find(([, value]) => value === flag)?.[0] ?? String(flag);
}
