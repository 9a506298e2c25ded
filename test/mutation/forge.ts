import { HEADER } from '../../main/engine/format/layouts.ts';
import { openVolume, type Node } from '../../main/engine/volume/index.ts';
import type { Subject } from './subject.ts';

export interface ItemKey {
  readonly objectId: number;
  readonly type: number;
  /** The first one of this type when left out. */
  readonly offset?: number;
}

/**
 * Changes an item in every copy of the leaf that holds it, the checksum made right again: what a
 * forger, or memory that flips bits, leaves behind.
 * @param change gets the data of the item.
 * @returns a function that puts everything back.
 */
export function forgeItem(
  subject: Subject,
  tree: number,
  key: ItemKey,
  change: (data: DataView) => void,
): () => void {
  const { logical, start, size } = placeOf(subject, tree, key);
  const block = subject.blocks.find((one) => one.logical === logical)!;
  const restores = block.copies.map(({ device, physical }) => {
    const bytes = device.bytes.subarray(physical, physical + subject.nodeSize);
    const before = bytes.slice();
    change(new DataView(bytes.buffer, bytes.byteOffset + start, size));
    bytes.set(subject.checksum.compute(bytes.subarray(HEADER.at.fsid)));
    return () => bytes.set(before);
  });
  return () => restores.forEach((restore) => restore());
}

function placeOf(
  subject: Subject,
  tree: number,
  { objectId, type, offset }: ItemKey,
): { logical: number; start: number; size: number } {
  const volume = openVolume(subject.devices);
  try {
    const cursor = volume.cursor(tree);
    cursor.seek(objectId, type, offset ?? 0);
    const isThere = cursor.valid && cursor.objectId === objectId && cursor.type === type;
    if (!isThere) throw new Error(`tree ${tree} has no item ${objectId} ${type} ${offset}`);
    const node: Node = cursor.node;
    return { logical: node.logical, start: cursor.dataStart, size: cursor.dataSize };
  } finally {
    volume.close();
  }
}
