import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { KEY, MAX_NAME } from '../format/constants.ts';
import { INODE_EXTREF, INODE_REF } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import type { Node } from '../volume/index.ts';
import { joinPath } from './paths.ts';
import type { Subvolume } from './subvolume.ts';

/** One name of an inode. */
export interface InodeName {
  readonly parent: number;
  /** Borrowed from the tree block. */
  readonly name: Uint8Array;
  /** Of the directory's DIR_INDEX item. */
  readonly index: number;
}

/** Every name of an inode, from its refs and extended refs. @throws Corrupt, Io. */
export function inodeNames(subvolume: Subvolume, inode: number): InodeName[] {
  const names: InodeName[] = [];
  const cursor = subvolume.cursor();
  cursor.seek(inode, KEY.inodeRef, 0);
  for (; cursor.valid && cursor.objectId === inode; cursor.next()) {
    if (cursor.type > KEY.inodeExtref) break;
    eachName(cursor.node, cursor.slot, (parent, index, start, length) => {
      names.push({ parent, index, name: cursor.node.bytes.subarray(start, start + length) });
    });
  }
  return names;
}

/**
 * Calls back with each name in an INODE_REF or INODE_EXTREF item; the name is
 * `node.bytes` from `start`. @throws Corrupt `inode-ref-damaged`.
 */
export function eachName(
  node: Node,
  slot: number,
  visit: (parent: number, index: number, start: number, length: number) => void,
): void {
  const isExtended = node.type(slot) === KEY.inodeExtref;
  const layout = isExtended ? INODE_EXTREF : INODE_REF;
  const { view } = node;
  const end = node.dataStart(slot) + node.dataSize(slot);
  for (let at = node.dataStart(slot); at < end;) {
    if (at + layout.size > end) throw bad(node, slot);
    const length = view.getUint16(at + layout.at.nameLength, true);
    const start = at + layout.size;
    if (start + length > end || length === 0 || length > MAX_NAME) throw bad(node, slot);
    const parent = isExtended ? readU64(view, at + INODE_EXTREF.at.parent) : node.offset(slot);
    visit(parent, readU64(view, at + layout.at.index), start, length);
    at = start + length;
  }
}

/** Deeper than any path that can be made through PATH_MAX, and than any that was seen. */
const MAX_DEPTH = 4096;

/**
 * The path of an inode below the subvolume's top by its first name, or undefined when it
 * has none or its parents go round in a circle. The top itself is the empty path.
 */
export function inodePath(subvolume: Subvolume, inode: number): Uint8Array | undefined {
  let path: Uint8Array = new Uint8Array(0);
  for (let depth = 0, at = inode; depth < MAX_DEPTH; depth += 1) {
    if (at === subvolume.rootInode) return path;
    const first = inodeNames(subvolume, at)[0];
    if (first === undefined) return undefined;
    path = joinPath(first.name, path);
    at = first.parent;
  }
  return undefined;
}

function bad(node: Node, slot: number): Error {
  return corrupt(
    'inode-ref-damaged',
    say`The names of inode ${{ inode: node.objectId(slot) }} are damaged.`,
    {
      place: { tree: node.owner, logical: node.logical },
    },
  );
}
