import type { CancelToken } from '../../engine/cancel.ts';
import type { TreeCount } from '../../engine/restore/count-tree.ts';
import { isDamage } from '../../engine/volume/index.ts';
import { NOTHING, type PlacedNode } from '../node.ts';
import { fromPlace } from './from-place.ts';

const BLOCK_BYTES = 4_096;

/**
 * What a restore of these will write; an inode with several names once, a folder that damaged names
 * lead to twice as well. Damage is gone around here as it is then.
 */
export function countNodes(nodes: readonly PlacedNode[], cancel: CancelToken): TreeCount {
  const seen = new Set<unknown>();
  const total = { files: 0, bytes: 0, diskBytes: 0 };
  const open = [...nodes];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    cancel.check();
    const { identity, sizeBytes } = node;
    if (!isFolder(node)) total.files += 1;
    if (node.links > 1 || node.type === 'directory') {
      if (seen.has(identity)) continue;
      seen.add(identity);
    }
    total.bytes += sizeBytes;
    const data = dataBytes(node);
    total.diskBytes += Math.ceil(data / BLOCK_BYTES) * BLOCK_BYTES;
    for (const child of childrenOf(node)) open.push(child);
  }
  return total;
}

/** A nested subvolume comes back as the empty folder that a snapshot has of it. */
function isFolder({ type }: PlacedNode): boolean {
  return type === 'directory' || type === 'subvolume';
}

function dataBytes(node: PlacedNode): number {
  return tolerant(() => node.dataBytes, 0);
}

function childrenOf(node: PlacedNode): Iterable<PlacedNode> {
  return tolerant(() => node.children(), NOTHING).values();
}

function tolerant<T>(work: () => T, otherwise: T): T {
  try {
    return fromPlace(work);
  } catch (error) {
    if (isDamage(error)) return otherwise;
    throw error;
  }
}
