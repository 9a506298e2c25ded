import { HEADER, ITEM } from '../format/layouts.ts';
import { DIR_ITEM } from '../format/layouts.ts';
import { FILE_TYPE_ENCRYPTED, KEY } from '../format/constants.ts';
import { readU64 } from '../format/numbers.ts';
import { inodePath, joinPath, type Subvolume } from '../tree/index.ts';
import type { Node } from '../volume/index.ts';
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

/**
 * Every name in the subvolume that matches, in the order of the tree: one walk over its
 * leaves, no directory is opened. @throws Corrupt, Io, Cancelled.
 */
export function* findNames(subvolume: Subvolume, matches: NameMatcher): Generator<FoundName> {
  const paths = new Map<number, Uint8Array | undefined>();
  const cursor = subvolume.cursor();
  for (cursor.seek(0, 0, 0); cursor.valid; cursor.nextLeaf()) {
    const { node } = cursor;
    for (let slot = cursor.slot; slot < node.itemCount; slot += 1) {
      const start = matchAt(node, slot, matches);
      if (start < 0) continue;
      const directory = pathOf(subvolume, paths, node.objectId(slot));
      if (directory === undefined) continue; // deleted while it was open
      yield foundAt(node, start, directory);
    }
  }
}

/** Where the directory entry begins if the slot holds one whose name matches, else -1. */
function matchAt(node: Node, slot: number, matches: NameMatcher): number {
  const { bytes, view } = node;
  const item = HEADER.size + slot * ITEM.size;
  if (bytes[item + 8] !== KEY.dirIndex) return -1;
  const start = HEADER.size + view.getUint32(item + 17, true);
  const size = view.getUint32(item + 21, true);
  if (size < DIR_ITEM.size) return -1;
  const length = view.getUint16(start + DIR_ITEM.at.nameLength, true);
  if (DIR_ITEM.size + length > size) return -1;
  const name = start + DIR_ITEM.size;
  return matches(bytes, name, name + length) ? start : -1;
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
