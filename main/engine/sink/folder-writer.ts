import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { Attributes } from './attributes.ts';
import { timesOf } from './copy-tree.ts';
import { FolderClaims } from './folder-claims.ts';
import { FolderCopies } from './folder-copies.ts';
import type { FolderMemory, Entry } from './folder-memory.ts';
import type { Memo } from './memo.ts';
import { latin1 } from './path-names.ts';
import { hexOf } from './hex-of.ts';
import type { Creation } from './held-creation.ts';
import { TreeWriter } from './tree-writer.ts';
import { needsAccess } from './with-access.ts';

const SET_ID_BITS = 0o6000;
const OWNER_BITS = 0o700;
const S_IFMT = 0o170000;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
/** Where access and modification lie in `btrfs_inode_item`'s times. */
const TIMES_SET = [
  [0, 12],
  [24, 36],
] as const;
/** Attributes that give rights, like the set-id bits. */
const PRIVILEGED = /^(security\.|trusted\.)/;

/** What "the filesystem cannot" looks like. */
const CANNOT = [
  ERRNO.EPERM,
  ERRNO.EACCES,
  ERRNO.EOPNOTSUPP,
  ERRNO.ENOTTY,
  ERRNO.EINVAL,
  ERRNO.ENOSYS,
];
/** A link's target may be too long, or no text. */
const CANNOT_SPECIAL = [...CANNOT, ERRNO.ENAMETOOLONG, ERRNO.EILSEQ];
/** Filesystems in user space have their own ideas of what to say (exfat-fuse: EIO). */
const CANNOT_ANYHOW = [...CANNOT_SPECIAL, ERRNO.EIO];
const CANNOT_XATTR = [...CANNOT, ERRNO.ENOSPC, ERRNO.E2BIG, ERRNO.ERANGE];
const CANNOT_LINK = [...CANNOT, ERRNO.EMLINK];
/** ntfs-3g says ERANGE where the list of what belongs to a file is full: from some 7,500 to 8,200 names on. */
const CANNOT_LINK_ANYHOW = [...CANNOT_LINK, ERRNO.ERANGE];

export interface FolderPolicy {
  /** Set-id bits, capabilities and device nodes are made, not only remembered. Default no. */
  readonly privileged?: boolean | undefined;
  /** Another machine's owners here; undefined keeps the numbers. */
  readonly mapOwner?: ((uid: number, gid: number) => readonly [number, number]) | undefined;
}

/**
 * Applies commands to a plain folder. What the filesystem cannot keep, or may not get, is put
 * into `memory` under the stream's own path; names that it cannot have get others.
 */
export class FolderWriter {
  readonly memory: FolderMemory;
  readonly tree: TreeWriter;
  readonly names: FolderClaims;
  /** What is set and not refused is kept, and a hole takes no room. */
  readonly isPosix: boolean;
  readonly #copies: FolderCopies;
  readonly #policy: FolderPolicy;

  /** @param goesOn folders may be there whose ACL or group come to what is made in them */
  constructor(
    top: number,
    memory: FolderMemory,
    isPosix: boolean,
    policy: FolderPolicy,
    goesOn: boolean,
  ) {
    this.memory = memory;
    this.isPosix = isPosix;
    this.#policy = policy;
    const mayInherit = isPosix && goesOn;
    this.tree = new TreeWriter(top, { mayInherit, forceDecompress: true, onLoss: () => {} });
    this.names = new FolderClaims(top, memory, isPosix, () => this.tree.isRepeating);
    this.#copies = new FolderCopies(memory, this.tree, this.names, isPosix);
  }

  create(path: Bytes, creation: Creation): void {
    this.tree.settle();
    const isDevice = creation.kind === 'node' && isDeviceMode(creation.mode);
    if (isDevice && this.#policy.privileged !== true) return this.#keepAside(path, creation);
    const real = this.names.claim(path);
    if (creation.kind === 'file' || creation.kind === 'directory') {
      return this.tree.create(real, creation);
    }
    // Asked before: it is true of one command only.
    const { isRepeating } = this.tree;
    try {
      this.tree.create(real, creation);
      this.tree.settle();
    } catch (error) {
      if (!isErrno(error, ...(this.isPosix ? CANNOT_SPECIAL : CANNOT_ANYHOW))) throw error;
      // exfat-fuse makes a plain file of it before it says no.
      if (!this.isPosix && this.names.identityOf(real) !== undefined) this.tree.unlink(real);
      this.names.removed(real);
      return this.#keepAside(path, creation);
    }
    // What is there already may be such a file, that a killed run did not come to take away.
    if (this.isPosix || !isRepeating || !this.#isFile(real)) return;
    this.tree.unlink(real);
    this.names.removed(real);
    this.#keepAside(path, creation);
  }

  /** Whether it is made only when it is renamed, which is the next command as a rule. */
  isHeldAt(path: Bytes): boolean {
    return this.tree.isHeldAt(this.memory.real(path));
  }

  rename(from: Bytes, to: Bytes): void {
    if (!this.isHeldAt(from)) this.tree.settle();
    const real = this.memory.real(from);
    const entry = this.memory.find(from);
    if (entry?.memo?.absent === undefined) {
      const claimed = this.names.claim(to, real);
      this.tree.rename(real, claimed);
      this.names.moved(real, claimed);
    }
    const claimed = this.memory.find(to)?.real;
    this.memory.remove(from);
    const { memo, children, id, copy } = entry ?? {};
    const isKnown = memo !== undefined || children !== undefined || id !== undefined;
    if (isKnown || claimed !== undefined) {
      this.memory.put(to, { memo, children, id, copy, real: claimed });
    } else this.memory.remove(to);
  }

  link(path: Bytes, existing: Bytes): void {
    const memo = this.memory.memo(existing);
    this.#copies.sync(memo);
    const real = this.memory.real(existing);
    if (memo.absent === undefined) {
      const name = this.names.claim(path);
      // Asked before: it is true of one command only.
      const { isRepeating } = this.tree;
      try {
        this.tree.link(name, real);
      } catch (error) {
        // The copy that a killed run made.
        const mayBeCopy = !this.isPosix || memo.isCopied === true;
        const isThere = mayBeCopy && isRepeating && isErrno(error, ERRNO.EEXIST);
        const cannot = this.isPosix ? CANNOT_LINK : CANNOT_LINK_ANYHOW;
        if (!isThere && !isErrno(error, ...cannot)) throw error;
        this.#copies.add(name, existing, real, memo, isRepeating);
      }
    }
    this.memory.entry(path).memo = memo;
  }

  unlink(path: Bytes): void {
    const entry = this.memory.find(path);
    const { memo, copy } = entry ?? {};
    if (memo?.changed !== undefined && memo.changed === copy) this.#copies.sync(memo);
    if (!this.#isAbsent(path)) {
      const real = this.memory.real(path);
      this.tree.unlink(real);
      this.names.removed(real);
    }
    this.memory.remove(path);
  }

  rmdir(path: Bytes): void {
    const real = this.memory.real(path);
    this.tree.rmdir(real);
    this.names.removed(real);
    this.memory.remove(path);
  }

  /** The path on disk of a file whose bytes are about to change. */
  changing(path: Bytes): Buffer {
    this.#copies.changing(this.memory.find(path));
    this.tree.settle();
    return this.memory.real(path);
  }

  /** The path on disk of a file that is about to be read: with what another copy of it was given. */
  reading(path: Bytes): Buffer {
    const entry = this.memory.find(path);
    const { memo, copy } = entry ?? {};
    if (memo?.changed !== undefined && memo.changed !== copy) this.#copies.sync(memo);
    return this.memory.real(path);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    const key = latin1(name);
    // Some say yes and forget it (NTFS and ACLs): only a POSIX filesystem is believed.
    const isBelieved = this.isPosix && this.memory.find(path)?.memo?.isCopied !== true;
    const mayMake = isBelieved && (this.#policy.privileged === true || !PRIVILEGED.test(key));
    const run = (real: Buffer): void => this.tree.inodes.setXattr(real, name, value);
    const isKept = mayMake && this.#can(path, run, CANNOT_XATTR);
    if (isKept && this.#isRead(path)) {
      this.memory.find(path)?.memo?.xattrs?.delete(key);
      return;
    }
    const memo = this.memory.memo(path);
    (memo.xattrs ??= new Attributes()).set(key, Buffer.from(value));
  }

  removeXattr(path: Bytes, name: Bytes): void {
    this.memory.find(path)?.memo?.xattrs?.delete(latin1(name));
    if (!this.isPosix) return;
    this.#can(path, (real) => this.tree.inodes.removeXattr(real, name), CANNOT_XATTR);
  }

  chmod(path: Bytes, mode: number): void {
    const bits = this.#policy.privileged === true ? mode : mode & ~SET_ID_BITS;
    const isKept = this.#can(path, (real) => this.#setMode(path, real, bits), CANNOT);
    this.#remember(path, isKept && this.isPosix && bits === mode, { mode });
  }

  /** Without root's rights the owner's bits stay on until the end. */
  #setMode(path: Bytes, real: Buffer, bits: number): void {
    const open = needsAccess() && this.isPosix ? bits | OWNER_BITS : bits;
    this.tree.inodes.chmod(real, open);
    const known = this.memory.find(path)?.memo;
    if (open !== bits) {
      this.memory.memo(path).late = bits;
      this.memory.has.late = true;
    } else if (known !== undefined) delete known.late;
  }

  /** The mode of something that is copied from the tree that an increment builds on. */
  copyMode(path: Buffer, mode: number): void {
    this.#setMode(path, path, mode);
  }

  /** To be called at the end: what is inside comes before the folder around it. */
  settleModes(): void {
    if (!this.memory.has.late) return;
    const folders: (readonly [path: Buffer, mode: number])[] = [];
    for (const { path, entry } of this.memory.walk()) {
      const mode = entry.memo?.late;
      if (mode === undefined) continue;
      const real = this.memory.real(path);
      if (this.#isFolder(real)) folders.push([real, mode]);
      else this.tree.inodes.chmod(real, mode);
    }
    folders.sort(([a], [b]) => b.length - a.length);
    for (const [real, mode] of folders) this.tree.inodes.chmod(real, mode);
  }

  chown(path: Bytes, uid: number, gid: number): void {
    const [ownUid, ownGid] = this.#policy.mapOwner?.(uid, gid) ?? [uid, gid];
    const run = (real: Buffer): void => this.tree.inodes.chown(real, ownUid, ownGid);
    const isKept = this.#can(path, run, CANNOT) && this.isPosix;
    this.#remember(path, isKept && ownUid === uid && ownGid === gid, { uid, gid });
  }

  utimes(path: Bytes, times: Bytes): void {
    const isSet = this.#can(path, (real) => this.tree.inodes.utimes(real, times), CANNOT);
    const isKept = isSet && this.isPosix && this.#hasTimes(path, times);
    this.#remember(path, isKept, { times: hexOf(times) });
  }

  /** A time that a filesystem cannot have becomes the nearest that it has, without an error. */
  #hasTimes(path: Bytes, times: Bytes): boolean {
    const had = timesOf(this.names.statusOf(this.memory.real(path)));
    return TIMES_SET.every(([from, to]) => had.compare(times, from, to, from, to) === 0);
  }

  fileattr(path: Bytes, flags: number): void {
    const known = this.memory.find(path)?.memo?.flags;
    if (flags === 0 && known === undefined) return;
    this.#remember(path, flags === 0, { flags: flags === 0 ? undefined : flags });
    this.memory.has.flags = true;
  }

  /** Called when what an inode is has gone into memory, before it is taken off the inode. */
  set onKept(tell: (path: Bytes) => void) {
    this.#copies.onKept = tell;
  }

  /** To be called at the end: makes the copies of each file the same, in all that is kept here. */
  settleCopies(): void {
    if (!this.memory.has.copies) return;
    this.#copies.syncAll();
    for (const { path, entry } of this.memory.walk()) {
      this.memory.rest();
      const { isCopied, mode, uid, gid, times } = entry.memo ?? {};
      if (isCopied !== true) continue;
      if (uid !== undefined && gid !== undefined) this.chown(path, uid, gid);
      if (mode !== undefined) this.chmod(path, mode);
      if (times !== undefined) this.utimes(path, Buffer.from(times, 'hex'));
    }
  }

  close(): void {
    this.tree.close();
    this.names.close();
  }

  /** Runs it on the path on disk; false when the filesystem cannot, or the inode is not on it. */
  #can(path: Bytes, run: (real: Buffer) => void, cannot: readonly number[]): boolean {
    if (this.#isAbsent(path)) return false;
    this.tree.settle();
    try {
      run(this.memory.real(path));
      return true;
    } catch (error) {
      if (!isErrno(error, ...cannot)) throw error;
      return false;
    }
  }

  /** What one of several copies is given holds for all of them: that is in memory alone. */
  #remember(path: Bytes, isKept: boolean, fields: Partial<Memo>): void {
    const memo = this.memory.find(path)?.memo;
    if (isKept && memo?.isCopied !== true) {
      for (const key of Object.keys(fields) as (keyof Memo)[]) if (memo) delete memo[key];
      return;
    }
    Object.assign(this.memory.memo(path), fields);
  }

  #keepAside(path: Bytes, creation: Creation): void {
    const entry: Entry = this.memory.entry(path);
    if (creation.kind === 'symlink') {
      entry.memo = { absent: { kind: 'symlink', target: Buffer.from(creation.target) } };
    } else if (creation.kind === 'node') {
      entry.memo = { absent: { kind: 'node', mode: creation.mode, rdev: creation.rdev } };
    }
  }

  /** Attributes are read from files and folders: what else has any keeps them in memory, too. */
  #isRead(path: Bytes): boolean {
    const type = this.names.statusOf(this.memory.real(path)).mode & S_IFMT;
    return type === S_IFREG || type === S_IFDIR;
  }

  #isFolder(real: Buffer): boolean {
    return (this.names.statusOf(real).mode & S_IFMT) === S_IFDIR;
  }

  #isFile(real: Buffer): boolean {
    return (this.names.statusOf(real).mode & S_IFMT) === S_IFREG;
  }

  #isAbsent(path: Bytes): boolean {
    return this.memory.find(path)?.memo?.absent !== undefined;
  }
}

function isDeviceMode(mode: number): boolean {
  const type = mode & S_IFMT;
  return type === S_IFCHR || type === S_IFBLK;
}
