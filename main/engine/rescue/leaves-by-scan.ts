import type { Volume } from '../volume/index.ts';
import { leafOf, type Leaf } from './salvage.ts';
import { scanForBlocks } from './scan.ts';

/** Leaves of some trees that lie where the chunk map puts them. */
export function leavesByScan(
  volume: Volume,
  owners: ReadonlySet<number>,
  options: { readonly cancel?: { check(): void } },
): Leaf[] {
  const leaves = new Map<string, Leaf>();
  for (const { device } of volume.members.all) {
    scanForBlocks(
      device,
      volume.superblock,
      (node) => {
        if (!owners.has(node.owner) || node.level !== 0 || node.itemCount === 0) return;
        if (volume.chunks.map.find(node.logical) === undefined) return;
        leaves.set(`${node.logical} ${node.generation}`, leafOf(node));
      },
      options.cancel,
    );
  }
  return newestByAddress([...leaves.values()]);
}

/** An address can be read in one version only: the newest that was found. */
function newestByAddress(leaves: readonly Leaf[]): Leaf[] {
  const newest = new Map<number, Leaf>();
  for (const leaf of leaves) {
    const known = newest.get(leaf.logical);
    if (known === undefined || known.generation < leaf.generation) newest.set(leaf.logical, leaf);
  }
  return [...newest.values()];
}
