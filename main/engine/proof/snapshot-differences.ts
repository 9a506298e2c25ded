import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Difference } from '../../../shared/model/comparison.ts';
import { InodeChanges, type InodeChange } from '../diff/inode-changes.ts';
import { walkChanges } from '../diff/walk.ts';
import { inPairs, SortedList } from '../spill/sorted-list.ts';
import { isDamage } from '../volume/index.ts';
import { inodeNames, inodePath, joinPath, readInode, type Subvolume } from '../tree/index.ts';
import { FolderMoves } from './folder-moves.ts';
import { aspectsOf, kindOf, shownType, type Sides } from './inode-aspects.ts';
import { sameContent, sameRange } from './same-content.ts';

export interface DifferenceHooks {
  readonly check: () => void;
  /** A file's content had to be read. */
  readonly onRead: () => void;
  /** It could not be read: it is told as different. */
  readonly onUnreadable: (path: string, reason: string) => void;
}

/** A name that one side has only. */
interface Lone {
  readonly path: string;
  readonly inode: number;
}

/**
 * What differs between two subvolumes of one volume, in the order of paths. An inode is known by
 * its number, generation, type and birth, so that a move is a move; a file that was written anew under
 * its old name is known by the name. Subtrees that both share are not read. The list is to be closed.
 */
export function snapshotDifferences(
  before: Subvolume,
  after: Subvolume,
  hooks: DifferenceHooks,
): SortedList<Difference> {
  return new Differences(before, after, hooks).run();
}

class Differences {
  readonly #before: Subvolume;
  readonly #after: Subvolume;
  readonly #hooks: DifferenceHooks;
  readonly #found = new SortedList<Difference>();
  readonly #removed = new SortedList<Lone>();
  readonly #added = new SortedList<Lone>();
  readonly #moves = new FolderMoves();

  constructor(before: Subvolume, after: Subvolume, hooks: DifferenceHooks) {
    this.#before = before;
    this.#after = after;
    this.#hooks = hooks;
  }

  run(): SortedList<Difference> {
    try {
      this.#compare();
      return this.#found;
    } catch (error) {
      this.#found.close();
      throw error;
    } finally {
      this.#removed.close();
      this.#added.close();
    }
  }

  #compare(): void {
    const gather = new InodeChanges((change) => {
      this.#hooks.check();
      this.#take(change);
    });
    walkChanges(this.#after.volume, this.#before.root, this.#after.root, gather);
    gather.finish();
    // Only now it is known where the folders are that they were in.
    const removed = new SortedList<Lone>();
    try {
      for (const lone of this.#removed) removed.add(this.#moves.pathNow(lone.path), lone);
      for (const [gone, added] of inPairs(removed, this.#added)) {
        let fresh = added.at(-1);
        for (const lone of gone) if (this.#pair(lone, fresh)) fresh = undefined;
        if (fresh !== undefined) this.#tell(loneRow('added', fresh.path, this.#after, fresh.inode));
      }
    } finally {
      removed.close();
    }
  }

  /** Of one path, what is gone before what has come. */
  #tell(row: Difference): void {
    this.#found.add(`${row.path}\0${row.kind === 'added' ? 1 : 0}`, row);
  }

  #take(change: InodeChange): void {
    const { inode } = change;
    const [old, fresh] = [existing(this.#before, inode), existing(this.#after, inode)];
    if (old && fresh && this.#isSame(old, fresh)) return this.#alteration(change, { old, fresh });
    if (old) for (const path of pathsOf(this.#before, inode)) this.#remove({ path, inode });
    if (fresh) for (const path of pathsOf(this.#after, inode)) this.#add({ path, inode });
  }

  /** By its birth too: two subvolumes that are no relations may use one number at one time. */
  #isSame(old: Sides['old'], fresh: Sides['old']): boolean {
    if (fresh.number === this.#after.rootInode) return true;
    return (
      old.generation === fresh.generation &&
      shownType(old) === shownType(fresh) &&
      old.otime.seconds === fresh.otime.seconds &&
      old.otime.nanoseconds === fresh.otime.nanoseconds
    );
  }

  /** The same inode on both sides: its names, then what is behind them. */
  #alteration(change: InodeChange, sides: Sides): void {
    const { inode } = change;
    const names = this.#namesOf(change, sides);
    const row = this.#row(sides, () => this.#isRewritten(change, sides, names.path), {
      hasXattrs: change.xattrs.length > 0,
      // A new time beside the same bytes is what remains of writing them again.
      isTimeTold: change.extents.count === 0,
    });
    const { path, previousPath, isMoved } = names;
    if (isMoved && shownType(sides.fresh) === 'directory') this.#moves.add(previousPath!, path);
    for (const gone of names.gone) this.#remove({ path: gone, inode });
    for (const fresh of names.fresh) this.#add({ path: fresh, inode });
    if (!isMoved && row.aspects.length === 0) return;
    const kind = isMoved ? 'moved' : kindOf(row.aspects);
    this.#tell({ ...row, path, kind, previousPath });
  }

  #remove(lone: Lone): void {
    this.#removed.add('', lone);
  }

  #add(lone: Lone): void {
    this.#added.add(lone.path, lone);
  }

  /** Names are paired off: of one inode, the first that is gone became the first that is new. */
  #namesOf({ inode, hasNames }: InodeChange, { old, fresh }: Sides) {
    const path = textOf(inodePath(this.#after, inode));
    const oldPath = textOf(inodePath(this.#before, inode));
    const previous = (from: string, to: string): string | null => (from === to ? null : from);
    if (!hasNames || (old.links === 1 && fresh.links === 1)) {
      const isMoved = hasNames && oldPath !== path;
      return { path, previousPath: previous(oldPath, path), isMoved, gone: [], fresh: [] };
    }
    const [names, oldNames] = [this.#after, this.#before].map(
      (side) => new Map(inodeNames(side, inode).map((name) => [nameKey(name), name])),
    );
    const kept = [...names!.keys()].find((key) => oldNames!.has(key));
    const gone = pathsOf(this.#before, inode, (key) => !names!.has(key));
    const added = pathsOf(this.#after, inode, (key) => !oldNames!.has(key));
    const moved = gone.length > 0 && added.length > 0;
    const [from, to] = moved ? [gone.shift()!, added.shift()!] : [oldPath, path];
    const keptPath = (side: Subvolume): string => pathsOf(side, inode, (key) => key === kept)[0]!;
    const [atOld, at] =
      moved || kept === undefined ? [from, to] : [keptPath(this.#before), keptPath(this.#after)];
    return { path: at, previousPath: previous(atOld, at), isMoved: moved, gone, fresh: added };
  }

  /** In the ranges whose extents differ. */
  #isRewritten({ inode, extents }: InodeChange, { old, fresh }: Sides, path: string): boolean {
    if (extents.count === 0) return false;
    if (shownType(fresh) !== 'file' || old.size !== fresh.size) return true;
    const [a, b] = [this.#before, this.#after].map((subvolume) => ({ subvolume, inode }));
    return this.#differ(path, () => {
      this.#hooks.onRead();
      for (let i = 0; i < extents.count; i += 1) {
        this.#hooks.check();
        const end = Math.min(fresh.size, extents.end(i));
        if (extents.start(i) < end && !sameRange(a!, b!, extents.start(i), end)) return false;
      }
      return true;
    });
  }

  /** A name that is gone: if something of its kind has it now, that took its place. */
  #pair({ path: from, inode }: Lone, taken: Lone | undefined): boolean {
    const old = readInode(this.#before, inode)!;
    const fresh = taken && readInode(this.#after, taken.inode)!;
    if (!taken || !fresh || shownType(old) !== shownType(fresh)) {
      this.#tell(loneRow('removed', from, this.#before, inode));
      return false;
    }
    const { path } = taken;
    const isOther = (): boolean => {
      if (shownType(fresh) !== 'file') return false;
      if (old.size !== fresh.size) return true;
      const [a, b] = [
        { subvolume: this.#before, inode },
        { subvolume: this.#after, inode: taken.inode },
      ];
      return this.#differ(path, () => sameContent(a, b, this.#hooks.onRead));
    };
    const sides = { old, fresh };
    const row = this.#row(sides, isOther, { hasXattrs: null, isTimeTold: false });
    const previousPath = from === path ? null : from;
    if (row.aspects.length > 0)
      this.#tell({ ...row, path, kind: kindOf(row.aspects), previousPath });
    return true;
  }

  #row(
    sides: Sides,
    isOtherContent: () => boolean,
    how: { hasXattrs: boolean | null; isTimeTold: boolean },
  ): Omit<Difference, 'path' | 'kind' | 'previousPath'> {
    const { old, fresh } = sides;
    const places = { before: this.#before, after: this.#after };
    const found = aspectsOf(sides, places, how.hasXattrs, isOtherContent);
    const aspects = how.isTimeTold || found.some((one) => one !== 'times') ? found : [];
    const type = shownType(fresh);
    const bytes = type === 'file' ? [fresh.size, old.size] : [0, 0];
    return { type, aspects, sizeBytes: bytes[0]!, previousBytes: bytes[1]! };
  }

  #differ(path: string, areSame: () => boolean): boolean {
    try {
      return !areSame();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#hooks.onUnreadable(path, error.message);
      return true;
    }
  }
}

/** An inode that has a name; one that is only still open does not count. */
function existing(subvolume: Subvolume, number: number): Sides['old'] | undefined {
  const inode = readInode(subvolume, number);
  return inode && (inode.links > 0 || number === subvolume.rootInode) ? inode : undefined;
}

function loneRow(
  kind: 'added' | 'removed',
  path: string,
  where: Subvolume,
  number: number,
): Difference {
  const inode = readInode(where, number)!;
  const type = shownType(inode);
  const sizeBytes = type === 'file' ? inode.size : 0;
  const previousBytes = kind === 'added' ? null : sizeBytes;
  return { path, type, kind, previousPath: null, aspects: [], sizeBytes, previousBytes };
}

interface Name {
  readonly parent: number;
  readonly name: Uint8Array;
}

/** Every path of an inode, or of those of its names that are wanted. */
function pathsOf(
  subvolume: Subvolume,
  inode: number,
  isWanted: (key: string) => boolean = () => true,
): string[] {
  return inodeNames(subvolume, inode).flatMap((name) => {
    const parent = isWanted(nameKey(name)) ? inodePath(subvolume, name.parent) : undefined;
    return parent === undefined ? [] : [textFromBytes(joinPath(parent, name.name))];
  });
}

function nameKey({ parent, name }: Name): string {
  return `${parent} ${Buffer.from(name).toString('latin1')}`;
}

function textOf(path: Uint8Array | undefined): string {
  return textFromBytes(path ?? new Uint8Array(0));
}
