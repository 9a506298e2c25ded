import type { CancelToken } from '../../engine/cancel.ts';
import type { TreeCount } from '../../engine/restore/count-tree.ts';
import type { PlacedNode } from '../node.ts';

/** What a restore of these will write; an inode with several names once. */
export function countNodes(nodes: readonly PlacedNode[], cancel: CancelToken): TreeCount {
  const seen = new Set<unknown>();
  const total = { files: 0, bytes: 0, diskBytes: 0 };
  const add = (node: PlacedNode): void => {
    cancel.check();
    total.files += 1;
    if (node.links > 1 && node.type !== 'directory') {
      if (seen.has(node.identity)) return;
      seen.add(node.identity);
    }
    total.bytes += node.sizeBytes;
    // Holes are not known before they are read: at most this much is written.
    total.diskBytes += node.sizeBytes;
    for (const child of node.children().values()) add(child);
  };
  for (const node of nodes) add(node);
  return total;
}
