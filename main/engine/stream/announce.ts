import { EXTENT_TYPE, INODE_FLAG, KEY } from '../format/constants.ts';
import { FILE_EXTENT, INODE_ITEM } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import type { Node } from '../volume/index.ts';
import { TOP } from './namespace.ts';
import type { ReadAhead } from './read-ahead.ts';

const { at } = FILE_EXTENT;

/**
 * Announces the data that a walk over these leaves will ask for.
 * @param since data of this generation and older is at the receiver: 0 for a full send.
 */
export function announceExtents(ahead: ReadAhead, leaves: readonly Node[], since: number): void {
  ahead.beginGroup();
  let hasChecksums = false;
  let inode = 0;
  for (const node of leaves) {
    for (let slot = 0; slot < node.itemCount; slot++) {
      const type = node.type(slot);
      if (type === KEY.inodeItem) {
        // one that is too short is told of when its turn comes
        if (node.dataSize(slot) < INODE_ITEM.size) continue;
        const flags = node.view.getUint32(node.dataStart(slot) + INODE_ITEM.at.flags, true);
        hasChecksums = (flags & INODE_FLAG.nodatasum) === 0;
        inode = node.objectId(slot);
      } else if (type === KEY.extentData && node.objectId(slot) === inode) {
        announceExtent(ahead, node, slot, since, hasChecksums);
      }
    }
  }
  ahead.begin();
}

/** Directories that hold a name of an inode which changed after this generation; the top is left out. */
export function parentsOfChanged(leaves: readonly Node[], since: number): Set<number> {
  const parents = new Set<number>();
  let changed = 0;
  for (const node of leaves) {
    for (let slot = 0; slot < node.itemCount; slot++) {
      const type = node.type(slot);
      if (type === KEY.inodeItem) {
        if (node.dataSize(slot) < INODE_ITEM.size) continue;
        const transid = readU64(node.view, node.dataStart(slot) + INODE_ITEM.at.transid);
        changed = transid > since ? node.objectId(slot) : 0;
      } else if (type === KEY.inodeRef && node.objectId(slot) === changed) {
        parents.add(node.offset(slot));
      }
    }
  }
  parents.delete(TOP);
  return parents;
}

function announceExtent(
  ahead: ReadAhead,
  node: Node,
  slot: number,
  since: number,
  hasChecksums: boolean,
): void {
  const start = node.dataStart(slot);
  if (node.dataSize(slot) < FILE_EXTENT.size) return;
  const { view } = node;
  if (view.getUint8(start + at.type) !== EXTENT_TYPE.regular) return;
  const logical = readU64(view, start + at.diskLogical);
  if (logical === 0 || readU64(view, start + at.generation) <= since) return;
  if (view.getUint8(start + at.compression) !== 0) {
    ahead.announce(logical, readU64(view, start + at.diskLength), hasChecksums);
  } else {
    const offset = readU64(view, start + at.offset);
    ahead.announce(logical + offset, readU64(view, start + at.length), hasChecksums);
  }
}
