import { readdirSync } from 'node:fs';
import {
  AT_SYMLINK_NOFOLLOW,
  closeFd,
  O_CLOEXEC,
  O_NOFOLLOW,
  O_RDONLY,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  deviceNumber,
  statAt,
  statFd,
  type FileStatus,
} from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { ownXattrs } from './own-xattrs.ts';
import { ConfinedTree, Place } from './confined-tree.ts';
import type { Range } from './data-ranges.ts';
import { joinNames } from './path-names.ts';
import { betweenHoles } from './known-holes.ts';
import type { TreeWriter } from './tree-writer.ts';
import { runSteps, type Steps } from './steps.ts';
import { takeAccess } from './with-access.ts';

const LINK_MAX_BYTES = 4096;

/**
 * Copies everything below `source` through `writer`, sharing extents where the filesystem can:
 * links between files, holes, attributes, owners and times stay; modes go through `chmod`. Errors of what the filesystem
 * itself held cannot be but real ones, and end it.
 */
export function copyTree(
  source: number,
  writer: TreeWriter,
  chmod: (path: Buffer, mode: number) => void,
  holesOf: HolesOf,
): void {
  const tree = new ConfinedTree(source);
  const copier = new Copier(tree, writer, chmod, holesOf);
  try {
    runSteps(copier.directory(Buffer.alloc(0)));
    copier.top();
  } finally {
    tree.close();
  }
}

/** Ranges of a file that are known to hold nothing. */
type HolesOf = (path: Buffer, status: FileStatus) => readonly Range[];

class Copier {
  readonly #tree: ConfinedTree;
  readonly #writer: TreeWriter;
  readonly #chmod: (path: Buffer, mode: number) => void;
  readonly #holesOf: HolesOf;
  readonly #place = new Place();
  /** First path of each inode that has several. */
  readonly #first = new Map<number | bigint, Buffer>();

  constructor(
    tree: ConfinedTree,
    writer: TreeWriter,
    chmod: (path: Buffer, mode: number) => void,
    holesOf: HolesOf,
  ) {
    this.#tree = tree;
    this.#writer = writer;
    this.#chmod = chmod;
    this.#holesOf = holesOf;
  }

  *directory(path: Buffer): Steps {
    const fd = this.#tree.directory(path);
    for (const name of readdirSync(`/proc/self/fd/${fd}`, 'buffer')) {
      const below = path.length === 0 ? name : joinNames([path, name]);
      this.#tree.locate(below, this.#place);
      yield this.#copy(below, statAt(this.#place.dir, this.#place.name, AT_SYMLINK_NOFOLLOW));
    }
  }

  /** What the top directory itself has. */
  top(): void {
    const path = Buffer.alloc(0);
    const status = statFd(this.#tree.root);
    const { inodes } = this.#writer;
    inodes.chown(path, status.uid, status.gid);
    this.#chmod(path, status.mode & 0o7777);
    this.#xattrsOf(path, this.#tree.root);
    inodes.utimes(path, timesOf(status));
  }

  *#copy(path: Buffer, status: FileStatus): Steps {
    const known = status.links > 1 ? this.#first.get(status.identity) : undefined;
    const type = status.mode & S_IFMT;
    if (known !== undefined && type !== S_IFDIR) return this.#writer.link(path, known);
    if (status.links > 1) this.#first.set(status.identity, path);
    const giveBack = takeAccess(this.#tree, path, status);
    try {
      yield this.#copyNew(path, type, status);
    } finally {
      giveBack();
    }
  }

  *#copyNew(path: Buffer, type: number, status: FileStatus): Steps {
    this.#make(path, type, status);
    this.#writer.settle();
    const { inodes } = this.#writer;
    if (type === S_IFREG) this.#content(path, status);
    inodes.chown(path, status.uid, status.gid);
    if (type !== S_IFLNK) this.#chmod(path, status.mode & 0o7777);
    if (type === S_IFREG || type === S_IFDIR) this.#xattrs(path);
    if (type === S_IFDIR) yield this.directory(path);
    inodes.utimes(path, timesOf(status));
  }

  #make(path: Buffer, type: number, status: FileStatus): void {
    if (type === S_IFREG) return this.#writer.create(path, { kind: 'file' });
    if (type === S_IFDIR) return this.#writer.create(path, { kind: 'directory' });
    if (type === S_IFLNK) {
      return this.#writer.create(path, { kind: 'symlink', target: this.#target(path) });
    }
    const rdev = Number(deviceNumber(...status.rdev));
    return this.#writer.create(path, { kind: 'node', mode: status.mode, rdev });
  }

  #target(path: Buffer): Buffer {
    this.#tree.locate(path, this.#place);
    const target = Buffer.alloc(LINK_MAX_BYTES);
    const { dir, name } = this.#place;
    const length = checked(libc().readlinkat(dir, name, target, target.length), 'read', path);
    return target.subarray(0, length);
  }

  #content(path: Buffer, status: FileStatus): void {
    const { inodes } = this.#writer;
    const { size } = status;
    const holes = this.#holesOf(path, status);
    const fd = this.#open(path);
    try {
      for (const { at, length } of betweenHoles(holes, 0, size)) {
        inodes.clone(path, at, length, fd, at);
      }
      if (holes.length > 0) inodes.extend(path, size);
    } finally {
      closeFd(fd);
    }
  }

  #xattrs(path: Buffer): void {
    const fd = this.#open(path);
    try {
      this.#xattrsOf(path, fd);
    } finally {
      closeFd(fd);
    }
  }

  #xattrsOf(path: Buffer, fd: number): void {
    for (const [name, value] of ownXattrs(fd)) this.#writer.inodes.setXattr(path, name, value);
  }

  #open(path: Buffer): number {
    this.#tree.locate(path, this.#place);
    const { dir, name } = this.#place;
    return checked(libc().openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0), 'open', path);
  }
}

/** In the order of `btrfs_inode_item`: atime, ctime, mtime, otime. Seconds beyond 2^53 are rounded. */
export function timesOf({ accessed, changed, modified, born }: FileStatus): Buffer {
  const out = Buffer.alloc(48);
  [accessed, changed, modified, born].forEach(({ seconds, nanoseconds }, i) => {
    out.writeBigInt64LE(BigInt.asIntN(64, BigInt(seconds)), 12 * i);
    out.writeUInt32LE(nanoseconds, 12 * i + 8);
  });
  return out;
}
