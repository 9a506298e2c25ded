import { isFixedType } from '../diff/inode-item.ts';
import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { Bytes } from './command-sink.ts';
import { PathCache } from './path-cache.ts';
import { MANY_LINKS, WideLinks } from './wide-links.ts';

/** The top directory of every subvolume. */
export const TOP = 256;
const DIRECTORY = 4;
const MAX_DEPTH = 65536;
const SURVIVAL_CACHE = 1 << 16;
/** Names that are held of inodes with many, all together. */
const MOST_WIDE_NAMES = 1 << 18;
const NO_BYTES = new Uint8Array(0);

/**
 * An inode at the receiver. Positive: it is in the new tree. Negative: the inode of that
 * number in the old tree, which is not in the new one (the number may be in use again).
 */
export type Key = number;
export interface Link {
  readonly parent: Key;
  readonly name: Bytes;
}

/** What the order of commands must know of a tree. */
export interface NameTree {
  /** Generation * 16 + file type (`mode >> 12`): two inodes are one when it is equal; or -1. */
  identity(inode: number): number;
  /**
   * What no command can change of an inode that is there: a device's number, a symbolic link's
   * target; '' of all others. Two lines of snapshots may use one number in one transaction.
   */
  essence(inode: number): string;
  /** Links in a fixed order, parents as inode numbers; the names are the caller's to keep. */
  links(inode: number): readonly Link[];
  /** The inode behind a name, or 0; the stub of a nested subvolume is none. */
  holder(directory: number, name: Bytes): number;
  /** What a directory holds, as links of its children; names are valid for one step. */
  children(directory: number): Iterable<{ readonly inode: number; readonly name: Bytes }>;
}

/**
 * The receiver's names at this point of the stream. They start as the old tree and are not
 * stored: an inode that has been settled stands where the new tree has it, one that has not
 * where the old tree had it, and only what is neither is kept (`move`). So memory follows what
 * is out of place, not the size of the trees.
 */
export class Namespace {
  readonly old: NameTree | undefined;
  readonly fresh: NameTree;
  /** All inodes up to this number have been dealt with. */
  #cursor = 0;
  readonly #early = new Set<number>([TOP]);
  readonly #moved = new Map<Key, readonly Link[] | WideLinks>();
  /** Inodes with many names, of which somebody wants some: as they stand by one of the trees. */
  readonly #wide = new Map<Key, { readonly links: WideLinks; readonly isBefore: boolean }>();
  #wideNames = 0;
  /** Temporary names at the top, of which there may be many at a time: a link takes ten times the room. */
  readonly #aside = new Map<Key, string>();
  /** Directories that stand at the top for a while, so that paths below them stay short. */
  readonly #parked = new Map<Key, Link>();
  readonly #survives = new Map<number, boolean>();
  readonly #paths = new PathCache();
  /** The directory that was asked for last: what is made there asks for it again. */
  #lastDirectory: Key = 0;
  #lastPath: Bytes = NO_BYTES;
  #moves = 0;

  constructor(old: NameTree | undefined, fresh: NameTree) {
    this.old = old;
    this.fresh = fresh;
  }

  /** Everything up to this inode number is settled or gone from here on. */
  advance(inode: number): void {
    this.#cursor = inode;
    // the top alone may stay: it never goes
    if (this.#early.size > 1) this.#early.delete(inode);
    if (this.#moved.size > 0 && this.#isNowhere(-inode)) this.#moved.delete(-inode);
  }

  isSettled(inode: number): boolean {
    if (this.#moved.size > 0 && this.#moved.has(inode)) return false;
    if (this.#aside.size > 0 && this.#aside.has(inode)) return false;
    return inode <= this.#cursor || this.#early.has(inode);
  }

  markSettled(inode: number): void {
    this.#moved.delete(inode);
    this.#aside.delete(inode);
    if (inode > this.#cursor) this.#early.add(inode);
  }

  /** The inode now stands here, which is neither its old nor its new place. */
  move(key: Key, links: readonly Link[] | WideLinks): void {
    this.#aside.delete(key);
    this.#moved.set(key, links);
  }

  /** The inode has lost this name of several. */
  takeAway(key: Key, link: Link): void {
    const wide = this.#knownWide(key);
    if (wide === undefined) {
      const links = this.links(key).filter((other) => !isSame(other, link.parent, link.name));
      return this.move(key, links.length > MANY_LINKS ? new WideLinks(links) : links);
    }
    wide.remove(link);
    this.#wide.delete(key);
    this.move(key, wide);
  }

  /** The inode now stands at the top by this name of ASCII alone. */
  moveAside(key: Key, name: string): void {
    this.#moved.delete(key);
    this.#aside.set(key, name);
  }

  /** The directory stands here for now; where it belongs does not change by that. */
  park(key: Key, link: Link): void {
    this.#parked.set(key, link);
    this.forgetPaths();
  }

  /** @returns where it stood. */
  unpark(key: Key): Link | undefined {
    const link = this.#parked.get(key);
    if (link !== undefined && this.#parked.delete(key)) this.forgetPaths();
    return link;
  }

  get parked(): Key[] {
    return [...this.#parked.keys()];
  }

  /** Counts the times that paths have changed. */
  get moves(): number {
    return this.#moves;
  }

  /** What is known of an inode already: it is the same in both trees, or not. */
  note(inode: number, survives: boolean): void {
    if (this.#survives.size >= SURVIVAL_CACHE) this.#survives.clear();
    this.#survives.set(inode, survives);
  }

  /** Paths below a directory that moves are no longer true. */
  forgetPaths(): void {
    this.#moves++;
    this.#paths.clear();
    this.#lastDirectory = 0;
  }

  /** Whether the old tree's inode of this number is the new tree's too. */
  survives(inode: number): boolean {
    if (this.old === undefined) return false;
    if (inode === TOP) return true;
    let answer = this.#survives.get(inode);
    if (answer === undefined) {
      answer = this.isOne(inode, this.old.identity(inode), this.fresh.identity(inode));
      this.note(inode, answer);
    }
    return answer;
  }

  /** The same of one whose identities in both trees are at hand. */
  isOne(inode: number, before: number, now: number): boolean {
    if (before < 0 || before !== now) return false;
    if (!isFixedType(now % 16)) return true;
    return this.old!.essence(inode) === this.fresh.essence(inode);
  }

  keyOfOld(inode: number): Key {
    return this.survives(inode) ? inode : -inode;
  }

  isDirectory(key: Key): boolean {
    const tree = key < 0 ? this.old! : this.fresh;
    return tree.identity(Math.abs(key)) % 16 === DIRECTORY;
  }

  /** Where an inode stands at the receiver now; empty when it does not exist there. */
  links(key: Key): readonly Link[] {
    const parked = this.#parked.size > 0 ? this.#parked.get(key) : undefined;
    if (parked !== undefined) return [parked];
    const moved = this.#moved.size > 0 ? this.#moved.get(key) : undefined;
    if (moved !== undefined) return moved instanceof WideLinks ? moved.all : moved;
    const aside = this.#aside.size > 0 ? this.#aside.get(key) : undefined;
    if (aside !== undefined) return [atTop(aside)];
    if (key < 0) {
      const isGone = -key <= this.#cursor && !this.isDirectory(key);
      return isGone ? [] : this.#oldLinks(-key);
    }
    const fresh = this.#isBefore(key) ? undefined : this.#freshLinks(key);
    return fresh ?? (this.survives(key) ? this.#oldLinks(key) : []);
  }

  linkCount(key: Key): number {
    return this.#knownWide(key)?.count ?? this.links(key).length;
  }

  /** Who has this name in a directory of the new tree now, or 0. */
  holder(directory: number, name: Bytes): Key {
    if (this.old === undefined || !this.survives(directory)) return 0;
    const inode = this.old.holder(directory, name);
    if (inode === 0) return 0;
    const key = this.keyOfOld(inode);
    return this.#hasName(key, directory, name) ? key : 0;
  }

  #hasName(key: Key, directory: number, name: Bytes): boolean {
    const wide = this.#knownWide(key);
    if (wide !== undefined) return wide.has(directory, name);
    const links = this.links(key);
    if (links.length > MANY_LINKS) this.#keepWide(key, links);
    return links.some((link) => isSame(link, directory, name));
  }

  #knownWide(key: Key): WideLinks | undefined {
    const moved = this.#moved.size > 0 ? this.#moved.get(key) : undefined;
    if (moved !== undefined) return moved instanceof WideLinks ? moved : undefined;
    if (this.#wide.size === 0 || this.#aside.has(key) || this.#parked.has(key)) return undefined;
    const known = this.#wide.get(key);
    return known?.isBefore === this.#isBefore(key) ? known.links : undefined;
  }

  #keepWide(key: Key, links: readonly Link[]): void {
    const isBefore = this.#isBefore(key);
    // what waits for its directories stands where the old tree has it, for now
    if (key > 0 && !isBefore && this.#freshLinks(key) === undefined) return;
    if (this.#moved.has(key) || this.#aside.has(key)) return;
    this.#wideNames += links.length;
    if (this.#wideNames > MOST_WIDE_NAMES) {
      this.#wide.clear();
      this.#wideNames = links.length;
    }
    this.#wide.set(key, { links: new WideLinks(links), isBefore });
  }

  /** The first path of an inode; `NO_BYTES` for the top. */
  path(key: Key): Bytes {
    if (key === TOP) return NO_BYTES;
    return this.pathOf(this.firstLink(key));
  }

  /** @throws Corrupt `inode-without-name`. */
  firstLink(key: Key): Link {
    const link = this.links(key)[0];
    if (link === undefined) throw withoutName(key);
    return link;
  }

  pathOf(link: Link): Bytes {
    return join(this.directoryPath(link.parent), link.name);
  }

  directoryPath(directory: Key): Bytes {
    if (directory !== this.#lastDirectory) {
      this.#lastPath = this.#findPath(directory);
      this.#lastDirectory = directory;
    }
    return this.#lastPath;
  }

  #findPath(directory: Key): Bytes {
    let path = this.knownPath(directory);
    if (path !== undefined) return path;
    const chain: Key[] = [];
    const names: Bytes[] = [];
    for (let key = directory; path === undefined; path = this.knownPath(key)) {
      const link = this.links(key)[0];
      if (link === undefined || chain.length > MAX_DEPTH) throw brokenDirectory(key);
      chain.push(key);
      names.push(link.name);
      key = link.parent;
    }
    for (let i = chain.length - 1; i >= 0; i--) {
      path = join(path, names[i]!);
      this.#paths.set(chain[i]!, path);
    }
    return path;
  }

  /** A directory has just been made there: nobody has to look its names up. */
  remember(directory: number, path: Bytes): void {
    this.#paths.set(directory, path);
  }

  /** A directory's path if it is at hand. */
  knownPath(key: Key): Bytes | undefined {
    return key === TOP ? NO_BYTES : this.#paths.get(key);
  }

  /** Whether an inode has not been dealt with. */
  #isBefore(key: Key): boolean {
    return Math.abs(key) > this.#cursor && !this.#early.has(key);
  }

  #isNowhere(key: Key): boolean {
    const moved = this.#moved.get(key);
    return (moved instanceof WideLinks ? moved.count : moved?.length) === 0;
  }

  /** Undefined while one of the directories is not there. */
  #freshLinks(key: Key): readonly Link[] | undefined {
    const links = this.fresh.links(key);
    const isThere = this.old === undefined || links.every(({ parent }) => this.#isThere(parent));
    return isThere ? links : undefined;
  }

  /** Whether a directory of the new tree is at the receiver, wherever it stands. */
  #isThere(inode: number): boolean {
    return inode <= this.#cursor || this.#early.has(inode) || this.survives(inode);
  }

  #oldLinks(inode: number): readonly Link[] {
    return this.old!.links(inode).map(({ parent, name }) => ({
      parent: this.keyOfOld(parent),
      name,
    }));
  }
}

/** @param name of ASCII alone. */
export function atTop(name: string): Link {
  return { parent: TOP, name: Buffer.from(name, 'latin1') };
}

export function isSame(link: Link, parent: Key, name: Bytes): boolean {
  if (link.parent !== parent || link.name.length !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (link.name[i] !== name[i]) return false;
  return true;
}

function join(directory: Bytes, name: Bytes): Bytes {
  if (directory.length === 0) return name;
  const path = new Uint8Array(directory.length + 1 + name.length);
  path.set(directory);
  path[directory.length] = 0x2f;
  path.set(name, directory.length + 1);
  return path;
}

/** Of an inode that counts links: metadata that contradicts itself, though each part looks right. */
export function withoutName(key: Key): Error {
  return corrupt(
    'inode-without-name',
    say`Inode ${{ inode: Math.abs(key) }} has links, but no name.`,
    {
      hint: 'The metadata is damaged; check the filesystem (btrfs check, dendro rescue).',
      place: { inode: Math.abs(key) },
    },
  );
}

function brokenDirectory(key: Key): Error {
  return corrupt(
    'directory-without-top',
    say`Directory ${{ inode: Math.abs(key) }} does not lead to the top of its subvolume.`,
    { hint: 'The metadata is damaged; check the filesystem (btrfs check, dendro rescue).' },
  );
}
