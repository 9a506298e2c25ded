import type { DendroError } from '../../../shared/errors.ts';
import { DIR_ITEM } from '../format/layouts.ts';
import { FILE_TYPE, FILE_TYPE_ENCRYPTED, KEY } from '../format/constants.ts';
import { readU64 } from '../format/numbers.ts';
import {
  damagedDirectory,
  inodePath,
  joinPath,
  readDirectoryPastDamage,
  type Subvolume,
} from '../tree/index.ts';
import { isDamage, type Cursor, type Node } from '../volume/index.ts';
import { AddressMap } from './address-map.ts';
import type { NameMatcher } from './glob.ts';

export interface FoundName {
  /** From the subvolume's top. */
  readonly path: Uint8Array;
  /** The inode, or for a subvolume its id. */
  readonly inode: number;
  /** FILE_TYPE. */
  readonly type: number;
  readonly isSubvolume: boolean;
}

/** Told of a directory whose names, or those below it, may be missing, and why. */
export type OnNamesLost = (directory: number, error: DendroError) => void;

/**
 * Every name in the subvolume that matches, upper directories first. Only the leaves that
 * hold directory entries are read, level by level in the order in which they stand.
 * @param onLost where what can be read will do.
 * @throws Corrupt, Io, Cancelled.
 */
export function* findNames(
  subvolume: Subvolume,
  matches: NameMatcher,
  onLost?: OnNamesLost,
): Generator<FoundName> {
  const paths = new Map<number, Uint8Array | undefined>();
  const seen = new AddressMap(1); // a damaged tree may have circles
  const cursor = subvolume.cursor();
  for (let level = [subvolume.rootInode]; level.length > 0;) {
    const below: number[] = [];
    const ahead = new Ahead(
      subvolume,
      level.sort((a, b) => a - b),
    );
    for (const directory of level) {
      if (seen.get(directory) >= 0) continue;
      seen.set(directory, 1);
      ahead.beforeReading(cursor, directory);
      const inside = look({ subvolume, matches, paths }, cursor, directory, onLost);
      yield* inside.found;
      for (const inode of inside.below) below.push(inode);
    }
    level = below;
  }
}

interface Search {
  readonly subvolume: Subvolume;
  readonly matches: NameMatcher;
  readonly paths: Map<number, Uint8Array | undefined>;
}

/** What matches in a directory, and the directories in it. */
interface Inside {
  readonly found: FoundName[];
  readonly below: number[];
}

function look(
  search: Search,
  cursor: Cursor,
  directory: number,
  onLost: OnNamesLost | undefined,
): Inside {
  try {
    return lookThroughLeaves(search, cursor, directory);
  } catch (error) {
    if (onLost === undefined || !isDamage(error)) throw error;
    return lookPastDamage(search, directory, onLost);
  }
}

function lookThroughLeaves(
  { subvolume, matches, paths }: Search,
  cursor: Cursor,
  directory: number,
): Inside {
  const inside: Inside = { found: [], below: [] };
  cursor.within(directory, KEY.dirIndex).seek(directory, KEY.dirIndex, 0);
  while (cursor.valid) {
    const { node } = cursor;
    for (let slot = cursor.slot; slot < node.itemCount; slot += 1) {
      if (node.type(slot) !== KEY.dirIndex || node.objectId(slot) !== directory) return inside;
      const start = entryAt(node, slot);
      const { bytes } = node;
      const isSubvolume = bytes[start + 8] === KEY.rootItem;
      const type = bytes[start + DIR_ITEM.at.type]! & ~FILE_TYPE_ENCRYPTED;
      if (type === FILE_TYPE.directory && !isSubvolume) {
        inside.below.push(readU64(node.view, start));
      }
      const name = start + DIR_ITEM.size;
      const end = name + node.view.getUint16(start + DIR_ITEM.at.nameLength, true);
      if (!matches(bytes, name, end)) continue;
      const above = pathOf(subvolume, paths, directory);
      if (above !== undefined) inside.found.push(foundAt(node, start, above));
    }
    cursor.nextLeaf();
  }
  return inside;
}

function lookPastDamage(
  { subvolume, matches, paths }: Search,
  directory: number,
  onLost: OnNamesLost,
): Inside {
  const inside: Inside = { found: [], below: [] };
  const tell = (error: DendroError): void => onLost(directory, error);
  let above: Uint8Array | undefined;
  try {
    above = pathOf(subvolume, paths, directory);
  } catch (error) {
    if (!isDamage(error)) throw error;
    tell(error);
  }
  for (const entry of readDirectoryPastDamage(subvolume, directory, tell)) {
    const { inode, type, isSubvolume } = entry;
    const name = Uint8Array.from(entry.name);
    if (type === FILE_TYPE.directory && !isSubvolume) inside.below.push(inode);
    if (above === undefined || !matches(name, 0, name.length)) continue;
    inside.found.push({ path: joinPath(above, name), inode, type, isSubvolume });
  }
  return inside;
}

/** Directories whose leaves are asked for before their turn comes. */
const AHEAD = 8;

/** Keeps the device busy with what the next directories need, in their order. */
class Ahead {
  readonly #subvolume: Subvolume;
  readonly #order: readonly number[];
  #current = 0;
  /** The first directory in the order that is not announced. */
  #next = 0;

  constructor(subvolume: Subvolume, order: readonly number[]) {
    this.#subvolume = subvolume;
    this.#order = order;
  }

  beforeReading(cursor: Cursor, directory: number): void {
    while (this.#order[this.#current] !== directory) this.#current += 1;
    this.#next = Math.max(this.#next, this.#current + 1);
    const end = Math.min(this.#order.length, this.#current + 1 + AHEAD);
    for (; this.#next < end; this.#next += 1) {
      const leaves = cursor.leavesOf(this.#order[this.#next]!, KEY.dirIndex);
      if (leaves === undefined) return;
      const { parent, first, last } = leaves;
      if (!this.#subvolume.volume.startAhead(parent, first, last)) return;
    }
  }
}

/** Where the entry begins that the slot holds. @throws Corrupt 'directory-damaged' */
function entryAt(node: Node, slot: number): number {
  const start = node.dataStart(slot);
  const size = node.dataSize(slot);
  if (size < DIR_ITEM.size) throw damagedDirectory(node, slot);
  const length = node.view.getUint16(start + DIR_ITEM.at.nameLength, true);
  if (DIR_ITEM.size + length > size) throw damagedDirectory(node, slot);
  return start;
}

function foundAt(node: Node, start: number, directory: Uint8Array): FoundName {
  const { bytes, view } = node;
  const name = start + DIR_ITEM.size;
  const length = view.getUint16(start + DIR_ITEM.at.nameLength, true);
  return {
    path: joinPath(directory, bytes.slice(name, name + length)),
    inode: readU64(view, start),
    type: bytes[start + DIR_ITEM.at.type]! & ~FILE_TYPE_ENCRYPTED,
    isSubvolume: bytes[start + 8] === KEY.rootItem,
  };
}

/** Matches stand together in few directories; more paths than this are not kept. */
const PATHS_KEPT = 10_000;

function pathOf(
  subvolume: Subvolume,
  known: Map<number, Uint8Array | undefined>,
  directory: number,
): Uint8Array | undefined {
  if (known.has(directory)) return known.get(directory);
  if (known.size > PATHS_KEPT) known.clear();
  const path = inodePath(subvolume, directory);
  known.set(directory, path);
  return path;
}
