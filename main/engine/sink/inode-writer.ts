import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  beginWriteback,
  cString,
  statFd,
  tryChmodAt,
  writeAllAt,
} from '../../linux/files.ts';
import { checked, ERRNO, errnoName, isErrno } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { tryEnableVerity } from '../../linux/verity.ts';
import {
  getXattr,
  listXattrs,
  removeXattr,
  setXattr,
  type XattrTarget,
} from '../../linux/xattr.ts';
import type { Bytes, EncodedWrite } from '../stream/command-sink.ts';
import { cloneOrCopy, zeroRange } from './clone-range.ts';
import { Place, type ConfinedTree } from './confined-tree.ts';
import { storeEncoded, type EncodedOutcome } from './encoded-write.ts';
import { Flags } from './inode-flags.ts';
import { notAFile, OpenInode, type Ownership } from './open-inode.ts';
import type { Note } from '../../../shared/said.ts';
import { lost, lostAttribute, lostFlagsAlone, lostVerity } from './lost.ts';

const BEHIND_BYTES = 16 << 20;
const SET_ID_BITS = 0o6000;
const SET_GROUP_ID = 0o2000;
const CAPABILITY = Buffer.from('security.capability\0');
const ACL_ACCESS = Buffer.from('system.posix_acl_access\0');
const ACL_DEFAULT = Buffer.from('system.posix_acl_default\0');
const COMPRESSION = Buffer.from('btrfs.compression\0');
const INHERITED = [ACL_ACCESS, ACL_DEFAULT, COMPRESSION];

export interface InodeWriterOptions {
  /** Store compressed extents decompressed (`--force-decompress`). */
  readonly forceDecompress?: boolean;
  /** Something could not be kept; the receive goes on. */
  readonly onLoss: (path: Bytes, what: Note) => void;
  /** Flags that forbid changes are set at the end: remembered here under the inode number. */
  readonly onDeferredFlags?: (inode: number, flags: number) => void;
}

/** The commands of a stream that change one inode. Never follows a link, never opens a device. */
export class InodeWriter {
  /** Whether a new inode may have inherited something that the stream did not say. */
  mayInherit = false;
  readonly flags: Flags;
  readonly #tree: ConfinedTree;
  readonly #inode: OpenInode;
  readonly #place = new Place();
  readonly #options: InodeWriterOptions;
  readonly #xattrName = Buffer.alloc(256);
  readonly #times = Buffer.alloc(32);
  /** Owner and mode that new files have, as the first one had them: spares a look at each. */
  #newFile: Ownership | undefined;
  #newDirectory: Ownership | undefined;
  /** Whether a folder may give what is made in it another group or mode than others do. */
  #newFilesVary: boolean;
  /** Set when an encoded write was refused once: further ones are not tried. */
  #encoded: EncodedOutcome = 'stored';
  /** What was written last in one run, and is not yet on its way to the drive. */
  #dirtyFrom = 0;
  #dirtyTo = 0;

  constructor(tree: ConfinedTree, options: InodeWriterOptions) {
    this.#tree = tree;
    this.#inode = new OpenInode(tree);
    this.#options = options;
    this.flags = new Flags(tree, this.#inode, options.onDeferredFlags);
    this.#newFilesVary = (statFd(tree.root).mode & SET_GROUP_ID) !== 0;
  }

  made(path: Bytes, fd: number): void {
    this.#inode.made(path, fd);
    this.#dirtyFrom = 0;
    if (this.mayInherit || this.#newFilesVary) return;
    this.#newFile ??= { ...this.#inode.owned };
    this.#inode.trust(this.#newFile);
  }

  madeDirectory(path: Bytes): void {
    this.#inode.madeDirectory(path);
    if (this.mayInherit || this.#newFilesVary) return;
    this.#newDirectory ??= { ...this.#inode.owned };
    this.#inode.trust(this.#newDirectory);
  }

  leave(): void {
    this.#inode.leave();
  }

  write(path: Bytes, offset: number, data: Bytes): void {
    const fd = this.#writable(path);
    writeAllAt(fd, data, offset, path);
    this.#writeBehind(fd, offset, offset + data.length);
  }

  /**
   * A long file goes to the drive while the rest of it still comes: everything has to be there
   * at the end, and the wait for it would be long.
   */
  #writeBehind(fd: number, start: number, end: number): void {
    if (start !== this.#dirtyTo) this.#dirtyFrom = start;
    this.#dirtyTo = end;
    if (end - this.#dirtyFrom < BEHIND_BYTES) return;
    beginWriteback(fd, this.#dirtyFrom, end - this.#dirtyFrom);
    this.#dirtyFrom = end;
  }

  truncate(path: Bytes, size: number): void {
    checked(libc().ftruncate(this.#writable(path), size), 'set the size of', path);
  }

  fallocate(path: Bytes, mode: number, offset: number, length: number): void {
    const fd = this.#writable(path);
    checked(libc().fallocate(fd, mode, offset, length), 'allocate space in', path);
  }

  /** A hole, or zeros where there can be none; the file's size stays. */
  punch(path: Bytes, offset: number, length: number): void {
    const fd = this.#writable(path);
    const inside = Math.min(length, statFd(fd).size - offset);
    if (inside > 0) zeroRange(fd, offset, inside, path);
  }

  /** Makes the file at least this long. */
  extend(path: Bytes, size: number): void {
    const fd = this.#writable(path);
    if (statFd(fd).size < size) checked(libc().ftruncate(fd, size), 'set the size of', path);
  }

  clone(path: Bytes, offset: number, length: number, source: number, sourceOffset: number): void {
    cloneOrCopy(this.#writable(path), offset, length, source, sourceOffset, path);
  }

  /** Lends the file's descriptor, open for writing. */
  withFile<T>(path: Bytes, use: (fd: number) => T): T {
    return use(this.#writable(path));
  }

  encodedWrite(path: Bytes, write: EncodedWrite): void {
    const fd = this.#writable(path);
    const mayStore = this.#encoded === 'stored' && this.#options.forceDecompress !== true;
    this.#encoded = storeEncoded(fd, write, mayStore, path);
  }

  setXattr(path: Bytes, name: Bytes, value: Bytes): void {
    const cName = this.#cName(name);
    if (cName.equals(ACL_DEFAULT) || cName.equals(COMPRESSION)) this.mayInherit = true;
    if (cName.equals(ACL_ACCESS)) this.#inode.at(path).distrust();
    const set = (): void =>
      this.#thawing(path, () => setXattr(this.#xattrTarget(path), cName, value, path));
    if (cName.equals(COMPRESSION)) this.#setCompression(path, set);
    else set();
  }

  removeXattr(path: Bytes, name: Bytes): void {
    const cName = this.#cName(name);
    if (cName.equals(ACL_DEFAULT)) this.#newFilesVary = true;
    this.#thawing(path, () => removeXattr(this.#xattrTarget(path), cName, path));
    this.#inode.distrust();
  }

  /** Names and sizes of the attributes that are there. */
  xattrs(path: Bytes): { name: Buffer; bytes: number }[] {
    const target = this.#xattrTarget(path);
    return listXattrs(target).map((name) => {
      const value = getXattr(target, cString(name), path);
      return { name, bytes: name.length + (value?.length ?? 0) };
    });
  }

  chmod(path: Bytes, mode: number): void {
    const bits = mode & 0o7777;
    if (!this.#inode.isAt(path) && this.#canChmodUnseen(path, bits)) return;
    const inode = this.#inode.at(path);
    if (inode.kind === 'directory' && (bits & SET_GROUP_ID) !== 0) this.#newFilesVary = true;
    if (inode.kind === 'symlink' || inode.owned.mode === bits) return;
    this.#thawing(path, () => this.#chmod(path, bits));
    inode.owned.mode = bits;
  }

  /**
   * chmod(2) leaves set-group-id away, without a word, for who is not in the group and lacks
   * CAP_FSETID, as in a container or a service with few capabilities.
   */
  tellLostSetGroup(path: Bytes, mode: number): void {
    if ((mode & SET_GROUP_ID) === 0) return;
    this.#inode.distrust();
    const { kind, owned } = this.#inode.at(path);
    if (kind === 'symlink' || (owned.mode & SET_GROUP_ID) !== 0) return;
    this.#options.onLoss(path, lost.mode);
  }

  /** By name and without a look at what has it; whether that could be done. */
  #canChmodUnseen(path: Bytes, bits: number): boolean {
    if (path.length === 0) return false;
    this.#tree.locate(path, this.#place);
    if (tryChmodAt(this.#place.dir, this.#place.name, bits) < 0) return false;
    // It may be a directory, or have a name that was looked at before.
    if ((bits & SET_GROUP_ID) !== 0) this.#newFilesVary = true;
    this.#inode.distrust();
    return true;
  }

  /** Owner and group; what chown(2) takes away on the way, set-id bits and capabilities, stays. */
  chown(path: Bytes, uid: number, gid: number): void {
    const inode = this.#inode.at(path);
    const { owned } = inode;
    if (owned.uid === uid && owned.gid === gid) return;
    const isFile = inode.kind === 'file';
    const capability = isFile ? getXattr(this.#unopened(), CAPABILITY, path) : undefined;
    this.#thawing(path, () => this.#chown(path, uid, gid));
    owned.uid = uid;
    owned.gid = gid;
    const loses = isFile || inode.kind === 'special';
    if (loses && (owned.mode & SET_ID_BITS) !== 0) this.#chmod(path, owned.mode);
    if (capability !== undefined) setXattr(inode.readable(), CAPABILITY, capability, path);
  }

  utimes(path: Bytes, times: Bytes): void {
    this.#times.fill(0);
    this.#times.set(times.subarray(0, 12), 0);
    this.#times.set(times.subarray(24, 36), 16);
    this.#thawing(path, () => checked(this.#setTimes(path), 'set the times of', path));
  }

  fileattr(path: Bytes, flags: number): void {
    const inode = this.#inode.at(path);
    if (inode.kind !== 'file' && inode.kind !== 'directory') return;
    if (inode.kind === 'directory') this.mayInherit = true;
    const left = this.flags.apply(path, flags);
    if (left !== '') this.#options.onLoss(path, lostFlagsAlone(left));
  }

  enableVerity(
    path: Bytes,
    algorithm: number,
    blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void {
    // Nobody may have the file open for writing; one that was just made has no place yet.
    this.#inode.leave();
    const inode = this.#inode.at(path);
    const refused = tryEnableVerity(inode.readable(), algorithm, blockSize, salt, signature);
    if (refused !== 0) this.#options.onLoss(path, lostVerity(errnoName(refused)));
  }

  /** Takes away what a new inode got from its directory and the stream did not say. */
  disinherit(path: Bytes): void {
    const inode = this.#inode.at(path);
    const target = this.#xattrTarget(path);
    for (const name of INHERITED) {
      if (name === ACL_DEFAULT && inode.kind !== 'directory') continue;
      if (name === COMPRESSION && inode.kind === 'special') continue;
      dropXattr(target, name);
    }
    if (inode.kind !== 'special') this.flags.clear(path);
    inode.distrust();
  }

  /** Clears immutable and append-only from both inodes and their folders; whether any had them. */
  thawAround(first: Bytes, second: Bytes): boolean {
    const parents = [first, second].map((path) =>
      path.subarray(0, Math.max(0, path.lastIndexOf(47))),
    );
    const thawed = [first, second, ...parents].filter((path) => this.flags.thaw(path));
    // A folder was opened for it under the name that it is about to lose.
    this.leave();
    this.#tree.forget(first);
    this.#tree.forget(second);
    return thawed.length > 0;
  }

  #writable(path: Bytes): number {
    const inode = this.#inode.at(path);
    let fd = -1;
    this.#thawing(path, () => (fd = inode.writable()));
    if (fd < 0 || inode.kind !== 'file') throw notAFile(path);
    return fd;
  }

  /** Runs it; if the inode is immutable or append-only, lifts that until the end. */
  #thawing(path: Bytes, run: () => void): void {
    try {
      run();
    } catch (error) {
      if ((error as { errno?: number }).errno !== ERRNO.EPERM || !this.flags.thaw(path))
        throw error;
      this.#inode.at(path);
      run();
    }
  }

  /**
   * If nodatacow forbids it, that goes: the kernel's streams say so only afterwards. What has data
   * already keeps it, and under a mount without checksums nothing can be compressed.
   */
  #setCompression(path: Bytes, set: () => void): void {
    try {
      set();
    } catch (error) {
      if (!isErrno(error, ERRNO.EINVAL)) throw error;
      if (!this.flags.uncover(path) || !succeeds(set)) {
        this.#options.onLoss(path, lostAttribute('btrfs.compression'));
      }
    }
  }

  /** By name where it is not open: whatever it is, it need not be looked at. */
  #setTimes(path: Bytes): number {
    const fd = this.#inode.isAt(path) ? this.#inode.fd : this.#tree.opened(path);
    if (fd >= 0) return libc().futimens(fd, this.#times);
    this.#tree.locate(path, this.#place);
    const { dir, name } = this.#place;
    return libc().utimensat(dir, name, this.#times, AT_SYMLINK_NOFOLLOW);
  }

  #chmod(path: Bytes, bits: number): void {
    const inode = this.#inode.at(path);
    const { dir, name } = inode.place;
    // Kernels before 6.6 do not know it, and some sandboxes refuse what they do not know.
    if (inode.fd < 0 && tryChmodAt(dir, name, bits) >= 0) return;
    const fd = inode.readable();
    const result =
      fd >= 0 ? libc().fchmod(fd, bits) : libc().fchmodat(AT_FDCWD, procPath(inode.place), bits, 0);
    checked(result, 'set the mode of', path);
  }

  #chown(path: Bytes, uid: number, gid: number): void {
    const inode = this.#inode.at(path);
    if (inode.fd >= 0) {
      checked(libc().fchown(inode.fd, uid, gid), 'set the owner of', path);
      return;
    }
    const { dir, name } = inode.place;
    const result = libc().fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW);
    checked(result, 'set the owner of', path);
  }

  #xattrTarget(path: Bytes): XattrTarget {
    const fd = this.#inode.at(path).readable();
    return fd >= 0 ? fd : procPath(this.#inode.place);
  }

  /** As it is, for one question: to open it and close it would be two calls more. */
  #unopened(): XattrTarget {
    return this.#inode.fd >= 0 ? this.#inode.fd : procPath(this.#inode.place);
  }

  #cName(name: Bytes): Buffer {
    this.#xattrName.set(name);
    this.#xattrName[name.length] = 0;
    return this.#xattrName.subarray(0, name.length + 1);
  }
}

/** False: what it asks for is refused (EINVAL). */
function succeeds(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!isErrno(error, ERRNO.EINVAL)) throw error;
    return false;
  }
}

/** Removes the attribute where it is, and where there can be none that is as well. */
function dropXattr(target: XattrTarget, name: Buffer): void {
  try {
    removeXattr(target, name);
  } catch (error) {
    if (!isErrno(error, ERRNO.EOPNOTSUPP)) throw error;
  }
}

/** A path for calls that take no directory: /proc/self/fd/N/NAME, ending in a NUL. */
function procPath(place: Place): Buffer {
  const end = place.name.indexOf(0) + 1;
  return Buffer.concat([Buffer.from(`/proc/self/fd/${place.dir}/`), place.name.subarray(0, end)]);
}
