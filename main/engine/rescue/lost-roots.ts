import { noted, say } from '../../../shared/said.ts';
import { KEY, OBJECT, TREE } from '../format/constants.ts';
import { listSubvolumes, unknownSubvolume } from '../tree/index.ts';
import { parseTreeRoot, type Volume } from '../volume/index.ts';
import { leavesByScan } from './leaves-by-scan.ts';
import type { Rescue, RescueOptions } from './rescue.ts';
import { reasonOf, wholeTree, type LostBlock } from './salvage.ts';
import { standInTree } from './stand-in-tree.ts';

/**
 * Subvolumes whose root item is damaged, and the top level where it has none, are entered by the
 * newest root that another way into the filesystem has for them, or by their leaves, looked for
 * on the devices. Each counts as lost: it may be of another time.
 * @param others volumes of other ways in, newest first.
 */
export function enterLostRoots(
  rescue: Rescue,
  others: () => Iterable<Volume>,
  options: RescueOptions,
): void {
  const lost = lostRoots(rescue.volume);
  if (lost.length === 0) return;
  rescue.lost.push(...lost);
  const missing = new Set(lost.map(({ tree }) => tree));
  for (const other of others()) {
    for (const info of listSubvolumes(other, true)) {
      const root = missing.has(info.id) ? other.root(info.id) : undefined;
      if (root === undefined) continue;
      missing.delete(info.id);
      rescue.enter(info, root);
    }
    if (missing.size === 0) return;
  }
  for (const tree of missing) {
    const step = say`Searching the devices for what is left of tree ${{ tree }}.`;
    options.onStep?.(noted('rescue-searching-tree', step));
    const leaves = leavesByScan(rescue.volume, new Set([tree]), options);
    if (leaves.length === 0) continue;
    rescue.enter(unknownSubvolume(tree), standInTree(rescue.volume, tree, [], leaves));
  }
}

function lostRoots(volume: Volume): LostBlock[] {
  const lost: LostBlock[] = [];
  const guard = (tree: number, logical: number, generation: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const reason = reasonOf(error).text;
      const place = { tree, logical, generation, level: 0, ...wholeTree };
      lost.push({ ...place, isRootItem: true, reason });
    }
  };
  const cursor = volume.cursor(TREE.root);
  let hasTop = false;
  for (cursor.seek(TREE.fs, 0, 0); cursor.valid && cursor.objectId > 0; cursor.next()) {
    const { node, slot, objectId } = cursor;
    const isSubvolume = objectId === TREE.fs || objectId >= OBJECT.firstFree;
    if (cursor.type !== KEY.rootItem || !isSubvolume) continue;
    hasTop ||= objectId === TREE.fs;
    guard(objectId, node.logical, node.generation, () => parseTreeRoot(node, slot));
  }
  if (!hasTop) guard(TREE.fs, 0, volume.generation, () => volume.requireRoot(TREE.fs));
  return lost;
}
