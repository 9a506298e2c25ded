import type { XattrChange } from '../diff/inode-changes.ts';
import { isEqualBytes } from '../diff/xattrs.ts';
import type { Bytes } from './command-sink.ts';
import { KeptTimes, TO_BE_LOOKED_UP } from './kept-times.ts';
import { TOP, type Key } from './namespace.ts';
import type { Outgoing } from './outgoing.ts';
import type { Protocol } from './protocol.ts';

/** What a directory gets besides its times when nothing happens in it any more. */
interface Late {
  readonly xattrs: XattrChange[];
  /** Taken away while inodes are made in it, with what they are to be in the end. */
  readonly suspended: XattrChange[];
  flags: number | undefined;
  /** Set before the attributes: some of them need flags to go first. */
  firstFlags: number | undefined;
}

export interface DirectoryTimes {
  /** The times of a directory of the new tree, 48 bytes. */
  times(inode: number): Bytes;
  path(inode: Key): Bytes;
}

/**
 * Directories are finished last: each name made in one changes its times, and a default ACL or
 * a property set too early would be inherited by what is made in it.
 */
export class Directories {
  readonly #out: Outgoing;
  readonly #tree: DirectoryTimes;
  readonly #protocol: Protocol;
  /** Where the times of those that wait are kept. */
  readonly #waiting = new Map<number, number>();
  /** Of the few of them that get something else, too. */
  readonly #late = new Map<number, Late>();
  /** Full send: the directories whose last child has this number. */
  readonly #due = new Map<number, number | number[]>();
  readonly #times = new KeptTimes();

  constructor(out: Outgoing, tree: DirectoryTimes, protocol: Protocol) {
    this.#out = out;
    this.#tree = tree;
    this.#protocol = protocol;
  }

  /** Its times are to be set again. */
  touch(inode: number): void {
    if (!this.#waiting.has(inode)) this.#waiting.set(inode, TO_BE_LOOKED_UP);
  }

  setTimes(inode: number, times: Bytes): void {
    const place = this.#waiting.get(inode) ?? TO_BE_LOOKED_UP;
    if (place !== TO_BE_LOOKED_UP) this.#times.take(place);
    this.#waiting.set(inode, this.#times.add(times));
  }

  addXattr(inode: number, change: XattrChange): void {
    const { name, value } = change;
    this.#lateOf(inode).xattrs.push({ name: name.slice(), value: value?.slice() });
  }

  /** Takes an attribute away for as long as inodes are made in the directory. */
  suspend(inode: number, name: Bytes, finalValue: Bytes | undefined): void {
    this.#out.removeXattr(this.#tree.path(inode), name);
    const { suspended } = this.#lateOf(inode);
    suspended.push({ name: name.slice(), value: finalValue?.slice() });
  }

  setFlags(inode: number, flags: number): void {
    this.#lateOf(inode).flags = flags;
  }

  /** Flags that stand in the way of its attributes are gone in these. */
  setFirstFlags(inode: number, flags: number): void {
    this.#lateOf(inode).firstFlags = flags;
  }

  /** Nothing happens in the directory after this inode's turn. */
  finishAfter(inode: number, lastChild: number): void {
    const due = this.#due.get(lastChild);
    if (due === undefined) this.#due.set(lastChild, inode);
    else if (typeof due === 'number') this.#due.set(lastChild, [due, inode]);
    else due.push(inode);
  }

  /** After an inode's turn. */
  passed(inode: number): void {
    if (this.#due.size === 0) return;
    const due = this.#due.get(inode);
    if (due === undefined) return;
    this.#due.delete(inode);
    if (typeof due === 'number') this.finish(due);
    else for (const directory of due) this.finish(directory);
  }

  finish(inode: number): void {
    const place = this.#waiting.get(inode);
    if (place === undefined) return;
    this.#waiting.delete(inode);
    const path = this.#tree.path(inode);
    const late = this.#late.get(inode);
    if (late !== undefined) this.#setLate(path, late);
    const times = place === TO_BE_LOOKED_UP ? this.#tree.times(inode) : this.#times.take(place);
    this.#out.utimes(path, times, this.#protocol > 1);
    if (late?.flags !== undefined) this.#out.fileattr(path, late.flags);
    if (late !== undefined) this.#late.delete(inode);
  }

  /** All that still wait, but for the top, which is the very last. */
  finishBelow(): void {
    const inodes = [...this.#waiting.keys()].sort((a, b) => a - b);
    for (const inode of inodes) if (inode !== TOP) this.finish(inode);
  }

  #setLate(path: Bytes, { xattrs, suspended, firstFlags }: Late): void {
    if (firstFlags !== undefined) this.#out.fileattr(path, firstFlags);
    for (const { name, value } of xattrs) {
      if (suspended.some((other) => isEqualBytes(other.name, name))) continue;
      if (value === undefined) this.#out.removeXattr(path, name);
      else this.#out.setXattr(path, name, value);
    }
    for (const { name, value } of suspended) {
      if (value !== undefined) this.#out.setXattr(path, name, value);
    }
  }

  #lateOf(inode: number): Late {
    this.touch(inode);
    let late = this.#late.get(inode);
    if (late === undefined) {
      late = { xattrs: [], suspended: [], flags: undefined, firstFlags: undefined };
      this.#late.set(inode, late);
    }
    return late;
  }
}
