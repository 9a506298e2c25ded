import { KEY, SUPERBLOCK_OFFSETS, SUPERBLOCK_SIZE, TREE } from '../format/constants.ts';
import {
  isDropped,
  parseDropProgress,
  parseTreeRoot,
  type Damage,
  type DropProgress,
  type TreeRoot,
  type Volume,
} from '../volume/index.ts';
import { readSuperblockAt } from '../volume/superblock.ts';
import type { AddressMap } from './address-map.ts';
import { damageOf, type Tally } from './verify-tally.ts';

/** A tree, and how much of it is gone when it is being deleted. */
export interface RootToCheck extends TreeRoot {
  readonly dropped?: DropProgress | undefined;
}

/** Every tree of the volume but those whose root item is bad. @throws Corrupt when the root tree is lost. */
export function* allRoots(volume: Volume, tally: Tally): Generator<RootToCheck> {
  yield volume.requireRoot(TREE.chunk);
  yield volume.requireRoot(TREE.root);
  const cursor = volume.cursor(TREE.root);
  for (cursor.seek(0, 0, 0); cursor.valid; cursor.next()) {
    if (cursor.type !== KEY.rootItem) continue;
    const { node, slot } = cursor;
    const root = tally.guard(() => parseTreeRoot(node, slot));
    if (root !== undefined) yield { ...root, dropped: parseDropProgress(node, slot) };
  }
}

/** Depth first; each block once, however many trees share it, in all its copies. */
export function checkBlocks(
  volume: Volume,
  root: RootToCheck,
  seen: AddressMap,
  tally: Tally,
): void {
  const visit = (logical: number, level: number, generation: number): void => {
    if (seen.get(logical) >= 0) return;
    seen.set(logical, 1);
    const expected = { level, generation, owner: root.id };
    tally.addBlock();
    tally.guard(() => {
      const damages = volume.checkNode(logical, expected);
      tally.addDamages(damages.map((damage) => ({ ...damage, tree: root.id })));
      if (level === 0 || isLost(damages)) return;
      const node = volume.node(logical, expected);
      for (let slot = 0; slot < node.itemCount; slot += 1) {
        if (root.dropped !== undefined && isDropped(node, slot, root.dropped)) continue;
        visit(node.childLogical(slot), level - 1, node.childGeneration(slot));
      }
    });
  };
  visit(root.logical, root.level, root.generation);
}

function isLost(damages: readonly Damage[]): boolean {
  return damages.some(({ healedBy }) => healedBy === undefined);
}

/** Every copy of the superblock on every device. */
export function checkSuperblocks(volume: Volume, tally: Tally): void {
  for (const { device, superblock } of volume.members.all) {
    const bad: Damage[] = [];
    let good: number | undefined;
    SUPERBLOCK_OFFSETS.forEach((physical, copy) => {
      const end = physical + SUPERBLOCK_SIZE;
      if (end > device.sizeBytes || end > superblock.device.totalBytes) return;
      try {
        readSuperblockAt(device, copy);
        good ??= physical;
      } catch (error) {
        const damage = damageOf(error, physical, SUPERBLOCK_SIZE);
        bad.push({ ...damage, what: 'superblock', device: device.name, physical });
      }
    });
    const healing =
      good === undefined
        ? {}
        : { healedBy: 'mirror' as const, goodDevice: device.name, goodPhysical: good };
    tally.addDamages(bad.map((damage) => ({ ...damage, ...healing })));
  }
}
