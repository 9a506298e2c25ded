import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { KEY, MAX_NAME } from '../format/constants.ts';
import { INODE_EXTREF, INODE_REF } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import type { Cursor, Node } from '../volume/index.ts';
import { isNameAt, joinAll } from './paths.ts';
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
  const cursor = subvolume.cursor().within(inode, KEY.inodeExtref);
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
    // The top is its own parent, by the name of two dots.
    const isTop = parent === node.objectId(slot);
    if (!isTop && !isNameAt(node.bytes, start, start + length)) throw bad(node, slot);
    visit(parent, readU64(view, at + layout.at.index), start, length);
    at = start + length;
  }
}

/**
 * The path of an inode below the subvolume's top by its first name, or undefined when it
 * has none or its parents go round in a circle. The top itself is the empty path.
 */
export function inodePath(subvolume: Subvolume, inode: number): Uint8Array | undefined {
  const names: Uint8Array[] = [];
  const cursor = subvolume.cursor();
  const { rootInode } = subvolume;
  // The inode passed at the last power of two: in a circle it is met again, however deep that lies.
  let [mark, next] = [-1, 1];
  for (let at = inode; at !== rootInode;) {
    const first = firstName(cursor, at);
    if (first === undefined || first.parent === mark) return undefined;
    names.push(first.name);
    if (names.length === next) [mark, next] = [at, 2 * next];
    at = first.parent;
  }
  return joinAll(names.reverse());
}

function firstName(cursor: Cursor, inode: number): Omit<InodeName, 'index'> | undefined {
  let found: Omit<InodeName, 'index'> | undefined;
  cursor.within(inode, KEY.inodeExtref).seek(inode, KEY.inodeRef, 0);
  if (!cursor.valid || cursor.objectId !== inode || cursor.type > KEY.inodeExtref) return undefined;
  const { node, slot } = cursor;
  eachName(node, slot, (parent, _index, start, length) => {
    found ??= { parent, name: node.bytes.subarray(start, start + length) };
  });
  return found;
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
