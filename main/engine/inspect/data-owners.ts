import { DendroError } from '../../../shared/errors.ts';
import { KEY, TREE } from '../format/constants.ts';
import {
  extentReferences,
  FileExtent,
  inodePath,
  openSubvolume,
  parseFileExtent,
  type ExtentReference,
} from '../tree/index.ts';
import type { Cursor, Damage, Volume } from '../volume/index.ts';

/** A place in a file. */
export interface DataOwner {
  readonly tree: number;
  readonly inode: number;
  readonly path: Uint8Array | undefined;
  readonly offset: number;
}

const OWNERS_SHOWN = 20;

/**
 * Whose data stands at an address: by the extent tree's references, each looked up in the
 * subvolume it names. Best effort: what is damaged on the way is left out.
 */
export function ownersOfData(volume: Volume, logical: number): DataOwner[] {
  const owners: DataOwner[] = [];
  try {
    const extent = extentAt(volume, logical);
    if (extent === undefined) return owners;
    for (const reference of extentReferences(volume, extent)) {
      for (const owner of ownersBy(volume, reference, extent, logical - extent)) owners.push(owner);
      if (owners.length >= OWNERS_SHOWN) break;
    }
  } catch (error) {
    if (!(error instanceof DendroError) || error.kind === 'Cancelled') throw error;
  }
  return owners;
}

/** The damage with the path of its file, as far as both can be found. */
export function withOwner(damage: Damage, volume: Volume | undefined): Damage {
  if (volume === undefined || damage.what !== 'data') return damage;
  const { tree, inode } = damage;
  if (tree === undefined || inode === undefined) {
    return { ...damage, ...ownersOfData(volume, damage.logical)[0] };
  }
  try {
    const path = inodePath(openSubvolume(volume, tree), inode);
    return path === undefined ? damage : { ...damage, path };
  } catch (error) {
    if (!(error instanceof DendroError) || error.kind === 'Cancelled') throw error;
    return damage;
  }
}

/** Where the data extent that holds the address begins. */
function extentAt(volume: Volume, logical: number): number | undefined {
  const cursor = volume.cursor(TREE.extent);
  cursor.seekLast(logical, KEY.extentItem, -1);
  for (; cursor.valid; cursor.previous()) {
    if (cursor.type !== KEY.extentItem) continue;
    const start = cursor.objectId;
    return logical < start + cursor.offset ? start : undefined;
  }
  return undefined;
}

function ownersBy(
  volume: Volume,
  reference: ExtentReference,
  extent: number,
  within: number,
): DataOwner[] {
  if (reference.kind === 'shared') return ownersInLeaf(volume, reference.parent, extent, within);
  const subvolume = openSubvolume(volume, reference.root);
  const cursor = subvolume.cursor();
  const found: DataOwner[] = [];
  cursor.seek(reference.inode, KEY.extentData, 0);
  collect(volume, cursor, extent, within, reference.inode, (offset) => {
    const path = inodePath(subvolume, reference.inode);
    found.push({ tree: reference.root, inode: reference.inode, path, offset });
  });
  return found;
}

/** A leaf that snapshots share: its own header names a tree that has it, or had. */
function ownersInLeaf(volume: Volume, parent: number, extent: number, within: number): DataOwner[] {
  const leaf = volume.node(parent, { level: 0 });
  const subvolume = openSubvolume(volume, leaf.owner);
  const cursor = subvolume.cursor();
  const found: DataOwner[] = [];
  const inodes = new Set<number>();
  for (let slot = 0; slot < leaf.itemCount; slot += 1) {
    if (leaf.type(slot) === KEY.extentData) inodes.add(leaf.objectId(slot));
  }
  for (const inode of inodes) {
    cursor.seek(inode, KEY.extentData, 0);
    collect(volume, cursor, extent, within, inode, (offset) => {
      found.push({ tree: leaf.owner, inode, path: inodePath(subvolume, inode), offset });
    });
  }
  return found;
}

function collect(
  volume: Volume,
  cursor: Cursor,
  extent: number,
  within: number,
  inode: number,
  found: (offset: number) => void,
): void {
  const item = new FileExtent();
  for (; cursor.valid && cursor.objectId === inode; cursor.next()) {
    if (cursor.type !== KEY.extentData) break;
    parseFileExtent(cursor, item, volume.sectorSize);
    if (item.diskLogical !== extent || item.isInline) continue;
    const isPlain = item.compression === 0;
    const inFile = item.fileOffset + (isPlain ? within - item.offset : 0);
    if (!isPlain || (within >= item.offset && within < item.offset + item.length)) found(inFile);
  }
}
