import type { InodeChange, XattrChange } from '../diff/inode-changes.ts';
import { hasSameTimes, type InodeView } from '../diff/inode-item.ts';
import { INODE_FLAG } from '../format/constants.ts';
import {
  COMPRESSION_FLAGS,
  INHERITED_FLAGS,
  isAccessAcl,
  isCapability,
  isCompression,
  isInherited,
  isRefusal,
  SEALS,
  USER_FLAGS,
} from './attributes.ts';
import type { Bytes } from './command-sink.ts';
import type { Directories } from './directories.ts';
import type { FileContent } from './file-content.ts';
import type { Outgoing } from './outgoing.ts';
import type { Protocol } from './protocol.ts';

const SYMLINK = 10;
/** Set-uid and set-gid: a chown, and some receivers' writes, clear them. */
const SET_ID = 0o6000;

/**
 * What an inode holds besides its names, in the order in which one does not undo another:
 * attributes, data, owner, permissions, capabilities, times, and flags that forbid changes.
 */
export class InodeContent {
  readonly #out: Outgoing;
  readonly #directories: Directories;
  readonly #files: FileContent;
  readonly #protocol: Protocol;
  readonly #isFull: boolean;

  constructor(
    out: Outgoing,
    directories: Directories,
    files: FileContent,
    protocol: Protocol,
    isFull: boolean,
  ) {
    this.#out = out;
    this.#directories = directories;
    this.#files = files;
    this.#protocol = protocol;
    this.#isFull = isFull;
  }

  /** An inode that was made in this stream. `change` holds everything of it. */
  create(path: Bytes, item: InodeView, change: InodeChange): void {
    const out = this.#out;
    const { inode } = change;
    const capability = this.#setXattrs(path, item, change);
    if (item.isRegular) this.#files.create(path, item, change);
    out.chown(path, item.uid, item.gid);
    if (item.type !== SYMLINK) out.chmod(path, item.permissions);
    if (capability !== undefined) out.setXattr(path, capability.name, capability.value!);
    const flags = item.flags & USER_FLAGS;
    if (item.isDirectory) {
      this.#directories.setTimes(inode, item.times);
      if (this.#protocol > 1 && flags !== 0) this.#directories.setFlags(inode, item.flags);
      if (!this.#isFull) return;
      if (change.lastChild > inode) this.#directories.finishAfter(inode, change.lastChild);
      else this.#directories.finish(inode);
      return;
    }
    out.utimes(path, item.times, this.#protocol > 1);
    out.fileDone();
    if (this.#protocol > 1 && (flags & SEALS) !== 0) out.fileattr(path, item.flags);
  }

  /**
   * An inode that both trees have.
   * @param read looks an attribute up that the inode has in the new tree.
   * @param flags that it has at the receiver by now: the old ones, but for seals taken off.
   */
  update(
    path: Bytes,
    before: InodeView,
    item: InodeView,
    change: InodeChange,
    flags: number,
    read: (isWanted: (name: Uint8Array) => boolean) => XattrChange | undefined,
  ): void {
    const out = this.#out;
    const start = out.commands;
    let current = this.#uncover(path, before, item, change.inode, flags);
    // what was truncated has lost its capability
    const isCut = item.isRegular && current !== flags;
    const changedCapability = this.#setXattrs(path, item, change, isCut);
    if (losesCompression(change)) current &= ~COMPRESSION_FLAGS;
    else if (turnsIncompressible(current, item) && read(isCompression) === undefined) {
      current = this.#clearCompression(path, item, change.inode, current);
    }
    if (item.isRegular) current = this.#updateFile(path, before, item, change, current);
    const hasData =
      item.isRegular &&
      out.commands !== start &&
      (isContentTouched(before, item, change) || this.#isTurned(before, item));
    const isChowned = before.uid !== item.uid || before.gid !== item.gid;
    if (isChowned) out.chown(path, item.uid, item.gid);
    const losesSetId = (item.permissions & SET_ID) !== 0 && (isChowned || hasData);
    const hasNewAcl = change.xattrs.some(({ name }) => isAccessAcl(name));
    const needsChmod = before.permissions !== item.permissions || losesSetId || hasNewAcl;
    if (needsChmod && item.type !== SYMLINK) out.chmod(path, item.permissions);
    const capability = changedCapability ?? (isChowned || hasData ? read(isCapability) : undefined);
    if (capability?.value !== undefined) out.setXattr(path, capability.name, capability.value);
    const itemFlags =
      this.#protocol > 1 && isBare(item) && (current & COMPRESSION_FLAGS) !== 0
        ? flagsBeside(item, read(isCompression))
        : item.flags;
    this.#finish(path, before, item, change.inode, current, itemFlags, out.commands !== start);
  }

  /**
   * Nothing under nodatacow can have a compression property: where the flag went, it goes before the
   * attributes come. @returns the flags that the receiver's inode has then.
   */
  #uncover(path: Bytes, before: InodeView, item: InodeView, inode: number, flags: number): number {
    const isGone = (before.flags & ~item.flags & INODE_FLAG.nodatacow) !== 0;
    if (this.#protocol === 1 || !isGone) return flags;
    const bare = item.flags & ~SEALS & ~COMPRESSION_FLAGS;
    if (item.isDirectory) {
      this.#directories.setFirstFlags(inode, bare);
      return flags;
    }
    this.#out.truncate(path, 0);
    this.#out.fileattr(path, bare);
    return bare;
  }

  /**
   * Where compress stood without a property, the receiver's inode has one: setting the flag brought
   * it. It goes with the flag, before another comes beside which it would stay.
   */
  #clearCompression(path: Bytes, item: InodeView, inode: number, flags: number): number {
    if (this.#protocol === 1) return flags;
    const bare = flags & ~COMPRESSION_FLAGS;
    if (item.isDirectory) this.#directories.setFirstFlags(inode, bare);
    else if (item.type !== SYMLINK) this.#out.fileattr(path, bare);
    return bare;
  }

  #finish(
    path: Bytes,
    before: InodeView,
    item: InodeView,
    inode: number,
    flags: number,
    itemFlags: number,
    isTouched: boolean,
  ): void {
    const needsTimes = isTouched || !hasSameTimes(before, item);
    const needsFlags = this.#protocol > 1 && (flags & USER_FLAGS) !== (itemFlags & USER_FLAGS);
    if (item.isDirectory) {
      if (needsTimes) this.#directories.setTimes(inode, item.times);
      if (needsFlags) this.#directories.setFlags(inode, itemFlags);
      return;
    }
    if (needsTimes) this.#out.utimes(path, item.times, this.#protocol > 1);
    if (needsFlags) this.#out.fileattr(path, itemFlags);
    if (needsTimes || needsFlags) this.#out.fileDone();
  }

  /** Whether the file must be emptied because of its flags. */
  #isTurned(before: InodeView, item: InodeView): boolean {
    return this.#protocol > 1 && ((before.flags ^ item.flags) & INODE_FLAG.nodatacow) !== 0;
  }

  /** @returns the flags that the receiver's file has afterwards. */
  #updateFile(
    path: Bytes,
    before: InodeView,
    item: InodeView,
    change: InodeChange,
    flags: number,
  ): number {
    if (this.#isTurned(before, item)) {
      // Only an empty file can change this flag, so all of its content is new.
      const unsealed = item.flags & ~SEALS;
      if ((item.flags & INODE_FLAG.nodatacow) !== 0) this.#out.truncate(path, 0);
      if ((flags & USER_FLAGS) !== (unsealed & USER_FLAGS)) this.#out.fileattr(path, unsealed);
      this.#files.replace(path, item, change);
      return unsealed;
    }
    if (isContentTouched(before, item, change)) this.#files.update(path, before, item, change);
    return flags;
  }

  /** All but the capability, which is given back, and what children would inherit. */
  #setXattrs(
    path: Bytes,
    item: InodeView,
    change: InodeChange,
    isCut = false,
  ): XattrChange | undefined {
    let capability: XattrChange | undefined;
    for (const xattr of change.xattrs) {
      const { name, value } = xattr;
      if (isCapability(name)) {
        capability = xattr;
        if (value === undefined && !isCut) this.#out.removeXattr(path, name);
      } else if (item.isDirectory && isInherited(name)) {
        this.#directories.addXattr(change.inode, xattr);
      } else if (value === undefined) this.#out.removeXattr(path, name);
      else this.#out.setXattr(path, name, value);
    }
    return capability;
  }

  /** The flags of a new inode that are set at once: some only work on an empty file. */
  earlyFlags(item: InodeView, directoryFlags: number): number | undefined {
    if (this.#protocol === 1 || item.isDirectory || item.type === SYMLINK) return undefined;
    const isNeeded =
      (item.flags & USER_FLAGS & ~SEALS) !== 0 || (directoryFlags & INHERITED_FLAGS) !== 0;
    return isNeeded ? item.flags & ~SEALS : undefined;
  }
}

function losesCompression({ xattrs }: InodeChange): boolean {
  return xattrs.some(({ name, value }) => value === undefined && isCompression(name));
}

/** Without a flag that says anything of compression, and where there may be one. */
function isBare({ flags }: InodeView): boolean {
  return (flags & (COMPRESSION_FLAGS | INODE_FLAG.nodatacow)) === 0;
}

/**
 * mkfs.btrfs writes a compression property without the flag that the kernel keeps by it; whoever
 * takes that flag away at a receiver takes the property, too.
 */
function flagsBeside(item: InodeView, property: XattrChange | undefined): number {
  if (property?.value === undefined) return item.flags;
  return item.flags | (isRefusal(property.value) ? INODE_FLAG.nocompress : INODE_FLAG.compress);
}

/** Compression was asked for, and now it is forbidden. */
function turnsIncompressible(flags: number, item: InodeView): boolean {
  const had = flags & COMPRESSION_FLAGS;
  return had === INODE_FLAG.compress && (item.flags & INODE_FLAG.nocompress) !== 0;
}

function isContentTouched(before: InodeView, item: InodeView, change: InodeChange): boolean {
  return change.extents.count > 0 || before.size !== item.size;
}
