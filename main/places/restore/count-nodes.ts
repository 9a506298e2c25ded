import type { CancelToken } from '../../engine/cancel.ts';
import type { TreeCount } from '../../engine/restore/count-tree.ts';
import { isDamage } from '../../engine/restore/damage-list.ts';
import { NOTHING, type PlacedNode } from '../node.ts';
import { fromPlace } from './from-place.ts';
import { MAX_DEPTH } from './placed-copy.ts';

const BLOCK_BYTES = 4_096;

/**
 * What a restore of these will write; an inode with several names once. Damage is gone around here
 * as it is then.
 */
export function countNodes(nodes: readonly PlacedNode[], cancel: CancelToken): TreeCount {
  const seen = new Set<unknown>();
  const total = { files: 0, bytes: 0, diskBytes: 0 };
  const add = (node: PlacedNode, depth = 0): void => {
    cancel.check();
    total.files += 1;
    if (node.links > 1 && node.type !== 'directory') {
      if (seen.has(node.identity)) return;
      seen.add(node.identity);
    }
    total.bytes += node.sizeBytes;
    total.diskBytes += Math.ceil(tolerant(() => node.dataBytes, 0) / BLOCK_BYTES) * BLOCK_BYTES;
    if (depth >= MAX_DEPTH) return;
    for (const child of tolerant(() => node.children(), NOTHING).values()) add(child, depth + 1);
  };
  for (const node of nodes) add(node);
  return total;
}

function tolerant<T>(work: () => T, otherwise: T): T {
  try {
    return fromPlace(work);
  } catch (error) {
    if (isDamage(error)) return otherwise;
    throw error;
  }
}
