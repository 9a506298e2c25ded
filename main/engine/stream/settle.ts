import { assert, corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { Bytes } from './command-sink.ts';
import {
  atTop,
  isSame,
  TOP,
  withoutName,
  type Key,
  type Link,
  type Namespace,
} from './namespace.ts';
import { TemporaryNames } from './temporary-names.ts';
import { MANY_LINKS, WideLinks } from './wide-links.ts';

const DIRECTORY = 4;
const NONE: readonly number[] = [];
const MAX_DEPTH = 65536;
/**
 * No directory's path becomes longer: stock receivers put their own path in front, and no path
 * may be longer than 4,095 bytes.
 */
const MAX_DIRECTORY_PATH = 2560;

/** The commands that change names, and what must be done around them. */
export interface NameCommands {
  /** Before anything in this directory changes (`makes`: an inode is made in it). */
  enter(directory: Key, makes: boolean): void;
  /** Before a name of this inode is made, moved or taken away. */
  touch(inode: Key): void;
  create(inode: number, path: Bytes): void;
  rename(from: Bytes, to: Bytes): void;
  link(path: Bytes, existing: Bytes): void;
  unlink(path: Bytes): void;
  rmdir(path: Bytes): void;
}

/**
 * Brings names from the old tree's state to the new tree's (docs/design/send.md, "Names").
 * Inodes are dealt with in ascending order; what an inode needs is settled ahead of its turn,
 * from the top down, so that no cycle can be met.
 */
export class Settler {
  readonly names: Namespace;
  readonly #commands: NameCommands;
  readonly #dead: Key[] = [];
  readonly #temporary: TemporaryNames;
  /** Directories of the new tree that stand in their place, and so do all above them. */
  readonly #anchored = new Set<number>([TOP]);

  constructor(names: Namespace, commands: NameCommands) {
    this.names = names;
    this.#commands = commands;
    this.#temporary = new TemporaryNames(names.old, names.fresh);
  }

  /** Puts every link of an inode of the new tree where the new tree has it. */
  settle(inode: number, wanted: readonly Link[] = this.names.fresh.links(inode)): void {
    if (this.names.isSettled(inode)) return;
    for (const { parent } of wanted) this.#settleDirectory(parent);
    this.#place(inode, wanted);
  }

  /**
   * Puts what is above an inode of both trees in its place, and the inode's own names if they
   * changed. Only then does its path stay its own to the end of the stream: stock receivers keep
   * a file open by its path, and would write to it under a path that has become another's.
   * @returns its path.
   */
  anchor(inode: number, hasNames: boolean): Bytes {
    if (inode === TOP) return this.names.path(TOP);
    const wanted = this.names.fresh.links(inode);
    if (hasNames) this.settle(inode, wanted);
    else for (const { parent } of wanted) this.#settleDirectory(parent);
    return this.path(inode);
  }

  /** An inode of the old tree that the new one does not have: its names go; a directory last. */
  remove(inode: number): void {
    const key = -inode;
    if (this.names.isDirectory(key)) {
      this.#dead.push(key);
      return;
    }
    for (const link of this.names.links(key)) this.#unlink(key, link);
    this.names.move(key, []);
  }

  /** The path by which a command reaches an inode. */
  path(key: Key): Bytes {
    const known = this.names.knownPath(key);
    if (known !== undefined && known.length <= MAX_DIRECTORY_PATH) return known;
    return this.#pathOf(this.names.firstLink(key));
  }

  /**
   * Puts back what was parked at the top, the last first, so that no path gets long on the way.
   * @param finish is told each directory that has got a child back.
   */
  unparkAll(finish: (directory: number) => void): void {
    const { names } = this;
    for (const key of names.parked.reverse()) {
      if (key < 0) continue;
      const from = names.pathOf(names.unpark(key)!);
      const link = names.firstLink(key);
      this.#enter(TOP, false);
      this.#commands.rename(from, names.pathOf(link));
      names.forgetPaths();
      finish(link.parent);
    }
  }

  #pathOf(link: Link): Bytes {
    this.#reach(link.parent);
    return this.names.pathOf(link);
  }

  /** Keeps the path of a directory short: one above it moves to the top for a while. */
  #reach(directory: Key): void {
    const { names } = this;
    while (names.directoryPath(directory).length > MAX_DIRECTORY_PATH) {
      const whole = names.directoryPath(directory).length;
      let key = directory;
      for (let next = key; ;) {
        const { parent } = names.firstLink(next);
        if (whole - names.directoryPath(parent).length > MAX_DIRECTORY_PATH - 64) break;
        key = next = parent;
        assert(key !== TOP, 'a long path has a directory to park');
      }
      this.#reach(names.firstLink(key).parent);
      this.#park(key, names.firstLink(key));
    }
  }

  #park(key: Key, link: Link): void {
    const { names } = this;
    const refuge = atTop(this.#temporary.nameFor(key));
    this.#enter(link.parent, false);
    this.#enter(TOP, false);
    this.#commands.touch(key);
    this.#commands.rename(names.pathOf(link), names.pathOf(refuge));
    names.unpark(key);
    names.park(key, refuge);
  }

  /** Removes the directories that are left, deepest first. After all else has its place. */
  removeDirectories(): void {
    const { names } = this;
    for (const key of this.#dead) this.#reach(key);
    const byDepth: Key[][] = [];
    for (const key of this.#dead) (byDepth[depthOf(names.directoryPath(key))] ??= []).push(key);
    this.#dead.length = 0;
    for (const key of byDepth.reverse().flat()) {
      const path = names.directoryPath(key);
      this.#enter(names.firstLink(key).parent, false);
      this.#commands.touch(key);
      this.#commands.rmdir(path);
    }
  }

  #settleDirectory(directory: number): void {
    if (this.#isAnchored(directory)) return;
    const chain: { inode: number; wanted: readonly Link[] }[] = [];
    for (let inode = directory; !this.#isAnchored(inode);) {
      const wanted = this.names.fresh.links(inode);
      if (wanted.length !== 1 || chain.length > MAX_DEPTH) throw brokenDirectory(inode);
      chain.push({ inode, wanted });
      inode = wanted[0]!.parent;
    }
    for (const { inode, wanted } of chain.reverse()) {
      this.#place(inode, wanted);
      if (this.names.old !== undefined) this.#anchored.add(inode);
    }
  }

  /** In a full send, what has been made has been made in its place. */
  #isAnchored(directory: number): boolean {
    if (this.names.old === undefined) return this.names.isSettled(directory);
    return this.#anchored.has(directory);
  }

  /** All parents are settled. */
  #place(inode: number, wanted: readonly Link[]): void {
    const { names } = this;
    if (names.isSettled(inode)) return;
    if (names.old === undefined) return this.#create(inode, wanted);
    const current = names.links(inode);
    const missing = without(wanted, current);
    const surplus = [...without(current, wanted)];
    for (const link of missing) this.#clear(link);
    if (current.length === 0) this.#create(inode, wanted);
    else {
      let standing = current.find((link, i) => link !== surplus[i]);
      for (const link of missing) {
        const from = surplus.pop();
        if (from === undefined) this.#link(inode, link, standing!);
        else this.#rename(inode, from, link);
        standing ??= link;
      }
      for (const link of surplus) this.#unlink(inode, link);
      names.markSettled(inode);
    }
  }

  #create(inode: number, wanted: readonly Link[]): void {
    const first = wanted[0];
    if (first === undefined) throw withoutName(inode);
    const orphans = this.#leftBehind(inode);
    this.#enter(first.parent, true);
    this.#commands.create(inode, this.#pathOf(first));
    this.names.markSettled(inode);
    for (let i = 1; i < wanted.length; i++) this.#link(inode, wanted[i]!, first);
    for (const orphan of orphans) this.settle(orphan);
  }

  /**
   * The children of a directory that is made anew under the number of a removed one: those that
   * were in the old one by the same name do not look changed, yet they have to move over.
   */
  #leftBehind(directory: number): readonly number[] {
    const { names } = this;
    const { old, fresh } = names;
    if (old === undefined || !isDirectory(old.identity(directory))) return NONE;
    if (!isDirectory(fresh.identity(directory))) return NONE;
    const left: number[] = [];
    for (const { inode, name } of fresh.children(directory)) {
      if (old.holder(directory, name) !== inode || !names.survives(inode)) continue;
      names.move(inode, names.links(inode));
      left.push(inode);
    }
    return left;
  }

  /** Frees a name that is wanted. */
  #clear(link: Link): void {
    const { names } = this;
    const holder = names.holder(link.parent, link.name);
    if (holder === 0) return;
    const isFile = !names.isDirectory(holder);
    if (isFile && (holder < 0 || names.linkCount(holder) > 1)) {
      this.#unlink(holder, link);
      names.takeAway(holder, link);
    } else {
      const refuge = this.#temporary.nameFor(holder);
      this.#rename(holder, link, atTop(refuge));
      names.moveAside(holder, refuge);
    }
  }

  #rename(key: Key, from: Link, to: Link): void {
    const { names } = this;
    this.#enter(from.parent, false);
    this.#enter(to.parent, false);
    this.#reach(to.parent);
    this.#reach(from.parent);
    this.#reach(to.parent);
    // What was reached may have been parked itself.
    const parked = names.unpark(key);
    this.#commands.touch(key);
    this.#commands.rename(names.pathOf(parked ?? from), names.pathOf(to));
    if (names.isDirectory(key)) names.forgetPaths();
  }

  #link(key: Key, link: Link, existing: Link): void {
    this.#enter(link.parent, false);
    this.#commands.touch(key);
    this.#reach(link.parent);
    this.#commands.link(this.#pathOf(link), this.#pathOf(existing));
  }

  #unlink(key: Key, link: Link): void {
    this.#enter(link.parent, false);
    this.#commands.touch(key);
    this.#commands.unlink(this.#pathOf(link));
  }

  #enter(directory: Key, makes: boolean): void {
    this.#commands.enter(directory, makes);
  }
}

function depthOf(path: Bytes): number {
  return path.reduce((count, byte) => count + (byte === 0x2f ? 1 : 0), 0);
}

function isDirectory(identity: number): boolean {
  return identity >= 0 && identity % 16 === DIRECTORY;
}

/** The links of `a` that are not in `b`, in their order. */
function without(a: readonly Link[], b: readonly Link[]): readonly Link[] {
  if (b.length === 0 || a.length === 0) return a;
  if (a.length * b.length <= MANY_LINKS * MANY_LINKS) {
    return a.filter((link) => !b.some((other) => isSame(other, link.parent, link.name)));
  }
  const known = new WideLinks(b);
  return a.filter(({ parent, name }) => !known.has(parent, name));
}

function brokenDirectory(inode: number): Error {
  return corrupt(
    'directory-without-top',
    say`Directory ${{ inode }} does not lead to the top of its subvolume.`,
    { hint: 'The metadata is damaged; check the filesystem (btrfs check, dendro rescue).' },
  );
}
