import type { DendroError } from '../../../shared/errors.ts';
import type { DirectoryEntry as EntryModel } from '../../../shared/model/entry.ts';
import { AddressMap } from '../inspect/address-map.ts';
import { directoryTwice, type Subvolume } from '../tree/index.ts';
import { entryPastDamage, type NamedInode } from './entries.ts';
import { sortedNames } from './list-directory.ts';

export interface ListedBelow {
  /** From the folder that was asked for. As text that keeps its bytes. */
  readonly path: string;
  readonly entry: EntryModel;
}

/** What is in a folder. */
interface Inside {
  /** What is still to come of it, the last one first. */
  readonly items: Item[];
  /** Names may be missing, and why. */
  readonly lost: DendroError | undefined;
}

/** A name, and once it has been looked at what stands behind it. */
interface Item {
  readonly named: NamedInode;
  entry: EntryModel | undefined;
  inside: Inside | undefined;
  /** The next one that has not been looked at, in the order in which they are told. */
  next: Item | undefined;
}

/** A folder that is gone through. */
interface OpenFolder {
  /** '' or ending in '/'. */
  readonly prefix: string;
  readonly items: Item[];
}

/** What is looked at in one go, in the order in which it stands on the disk; a folder counts as its names. */
const ROUND = 16_384;
/** Looked at and not yet told: beyond it a round is small. */
const HELD = 49_152;
const SMALL_ROUND = 2_048;
/** Whose blocks are read at once: there is room for them in the cache. */
const EXPECTED = 128;

/**
 * Everything below a folder, each folder before what is in it, in the order of `listDirectory`.
 * Nested subvolumes are named and not entered. Inodes lie in the order in which they were made, and
 * whoever reads one after the other in the order of their names reads each block many times: so
 * what comes next is looked at many at a time. Held is no more than that, and the names of the
 * folders that are open.
 * @param onLost names may be missing in the folder at this path; '' is the one that was asked for.
 */
export function* listBelow(
  subvolume: Subvolume,
  inode: number,
  onLost: (path: string, error: DendroError) => void,
): Generator<ListedBelow, void> {
  const ahead = new LookAhead(subvolume);
  const open: OpenFolder[] = [];
  const enter = (path: string, { items, lost }: Inside): void => {
    if (lost !== undefined) onLost(path, lost);
    open.push({ prefix: path === '' ? '' : `${path}/`, items });
  };
  enter('', ahead.begin(inode));
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const item = folder.items.pop();
    if (item === undefined) {
      open.pop();
      continue;
    }
    const path = folder.prefix + item.named.name;
    yield { path, entry: ahead.take(item) };
    const { named, inside } = item;
    if (inside !== undefined) enter(path, inside);
    else if (named.type === 'directory') onLost(path, directoryTwice(named.inode, subvolume.id));
  }
}

/** Looks at what is told next before its turn. */
class LookAhead {
  readonly #subvolume: Subvolume;
  /** Folders that were looked into: a damaged tree may have circles. */
  readonly #seen = new AddressMap(1);
  #first: Item | undefined;
  #held = 0;
  #folders = 0;
  /** In the folders that were looked into. */
  #names = 0;

  constructor(subvolume: Subvolume) {
    this.#subvolume = subvolume;
  }

  begin(inode: number): Inside {
    const top = this.#lookInto(inode);
    this.#first = top.items.at(-1);
    return top;
  }

  /** What stands behind the item whose turn it is. */
  take(item: Item): EntryModel {
    if (item.entry === undefined) this.#lookAtNext();
    this.#held -= 1;
    return item.entry!;
  }

  #lookAtNext(): void {
    const most = this.#held < HELD ? ROUND : SMALL_ROUND;
    const items: Item[] = [];
    let [rest, expected] = [this.#first, 0];
    for (; rest !== undefined && expected < most; rest = rest.next) {
      items.push(rest);
      expected += rest.named.type === 'directory' ? this.#expectedNames : 1;
    }
    this.#look(items.toSorted((a, b) => a.named.inode - b.named.inode));
    this.#held += items.length;
    // What is in a folder comes in its place.
    for (const { inside } of items.reverse()) {
      if (inside === undefined || inside.items.length === 0) continue;
      inside.items[0]!.next = rest;
      rest = inside.items.at(-1);
    }
    this.#first = rest;
  }

  /** What comes with a folder: as many names as there were in those before. */
  get #expectedNames(): number {
    return Math.max(1, this.#names / Math.max(1, this.#folders));
  }

  #look(items: readonly Item[]): void {
    for (let at = 0; at < items.length; at += EXPECTED) {
      const some = items.slice(at, at + EXPECTED);
      this.#subvolume.expectInodes(some.map(({ named }) => named.inode));
      for (const item of some) {
        const { named } = item;
        item.next = undefined;
        item.entry = entryPastDamage(this.#subvolume, named);
        const isNew = named.type === 'directory' && this.#seen.get(named.inode) < 0;
        if (isNew) item.inside = this.#lookInto(named.inode);
      }
    }
  }

  #lookInto(inode: number): Inside {
    this.#seen.set(inode, 1);
    const { all, lost } = sortedNames(this.#subvolume, inode);
    this.#folders += 1;
    this.#names += all.length;
    const items: Item[] = [];
    let next: Item | undefined;
    for (const named of all.toReversed()) {
      next = { named, entry: undefined, inside: undefined, next };
      items.push(next);
    }
    return { items, lost };
  }
}
