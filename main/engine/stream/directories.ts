import type { XattrChange } from '../diff/inode-changes.ts';
import { isEqualBytes } from '../diff/xattrs.ts';
import type { Bytes } from './command-sink.ts';
import { KeptTimes } from './kept-times.ts';
import { TOP, type Key } from './namespace.ts';
import type { Outgoing } from './outgoing.ts';
import type { Protocol } from './protocol.ts';

/** What waits until nothing happens in a directory any more. */
interface Waiting {
  /** Where its times are kept; -1: to be looked up. */
  times: number;
  xattrs: XattrChange[] | undefined;
  /** Taken away while inodes are made in it, with what they are to be in the end. */
  suspended: XattrChange[] | undefined;
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
  readonly #waiting = new Map<number, Waiting>();
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
    this.#get(inode);
  }

  setTimes(inode: number, times: Bytes): void {
    const waiting = this.#get(inode);
    if (waiting.times >= 0) this.#times.take(waiting.times);
    waiting.times = this.#times.add(times);
  }

  addXattr(inode: number, change: XattrChange): void {
    const { name, value } = change;
    const waiting = this.#get(inode);
    (waiting.xattrs ??= []).push({ name: name.slice(), value: value?.slice() });
  }

  /** Takes an attribute away for as long as inodes are made in the directory. */
  suspend(inode: number, name: Bytes, finalValue: Bytes | undefined): void {
    this.#out.removeXattr(this.#tree.path(inode), name);
    const waiting = this.#get(inode);
    (waiting.suspended ??= []).push({ name: name.slice(), value: finalValue?.slice() });
  }

  setFlags(inode: number, flags: number): void {
    this.#get(inode).flags = flags;
  }

  /** Flags that stand in the way of its attributes are gone in these. */
  setFirstFlags(inode: number, flags: number): void {
    this.#get(inode).firstFlags = flags;
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
    const waiting = this.#waiting.get(inode);
    if (waiting === undefined) return;
    this.#waiting.delete(inode);
    const path = this.#tree.path(inode);
    const { xattrs = [], suspended = [], firstFlags } = waiting;
    if (firstFlags !== undefined) this.#out.fileattr(path, firstFlags);
    for (const { name, value } of xattrs) {
      if (suspended.some((other) => isEqualBytes(other.name, name))) continue;
      if (value === undefined) this.#out.removeXattr(path, name);
      else this.#out.setXattr(path, name, value);
    }
    for (const { name, value } of suspended) {
      if (value !== undefined) this.#out.setXattr(path, name, value);
    }
    const times = waiting.times < 0 ? this.#tree.times(inode) : this.#times.take(waiting.times);
    this.#out.utimes(path, times, this.#protocol > 1);
    if (waiting.flags !== undefined) this.#out.fileattr(path, waiting.flags);
  }

  /** All that still wait, but for the top, which is the very last. */
  finishBelow(): void {
    const inodes = [...this.#waiting.keys()].sort((a, b) => a - b);
    for (const inode of inodes) if (inode !== TOP) this.finish(inode);
  }

  #get(inode: number): Waiting {
    let waiting = this.#waiting.get(inode);
    if (waiting === undefined) {
      waiting = {
        times: -1,
        xattrs: undefined,
        suspended: undefined,
        flags: undefined,
        firstFlags: undefined,
      };
      this.#waiting.set(inode, waiting);
    }
    return waiting;
  }
}
