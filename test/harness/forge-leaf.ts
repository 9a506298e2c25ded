import { closeSync, openSync, writeSync } from 'node:fs';
import { SUPERBLOCK_OFFSETS } from '../../main/engine/format/constants.ts';
import { HEADER, ITEM } from '../../main/engine/format/layouts.ts';
import type { Volume } from '../../main/engine/volume/index.ts';

/** Leaves of a volume that is not mounted, written by hand: what no tool here makes. */

export interface Item {
  readonly key: Uint8Array;
  readonly data: Uint8Array;
}

export function itemAt(node: ReturnType<Volume['node']>, slot: number): Item {
  const at = HEADER.size + slot * ITEM.size;
  return { key: node.bytes.slice(at, at + 17), data: Uint8Array.from(node.data(slot)) };
}

/** Of the leaf at this address. */
export function itemsOf(volume: Volume, logical: number): Item[] {
  const leaf = volume.node(logical, {});
  if (leaf.level !== 0) throw new Error(`block ${logical} is no leaf`);
  return Array.from({ length: leaf.itemCount }, (_, slot) => itemAt(leaf, slot));
}

/** A leaf that holds these items, with its checksum. */
export function leafOf(
  volume: Volume,
  place: { readonly logical: number; readonly owner: number; readonly generation?: number },
  items: readonly Item[],
): Uint8Array {
  const model = volume.node(volume.requireRoot(1).logical, {});
  const bytes = new Uint8Array(volume.nodeSize);
  bytes.set(model.bytes.subarray(0, HEADER.size));
  const view = new DataView(bytes.buffer);
  const generation = place.generation ?? volume.generation;
  HEADER.write(view, 0, { ...place, generation, level: 0, itemCount: items.length });
  let end = volume.nodeSize - HEADER.size;
  items.forEach(({ key, data }, slot) => {
    end -= data.length;
    ITEM.write(view, HEADER.size + slot * ITEM.size, {
      key,
      dataOffset: end,
      dataSize: data.length,
    });
    bytes.set(data, HEADER.size + end);
  });
  bytes.set(volume.checksum.compute(bytes.subarray(32)));
  return bytes;
}

/** Into every copy. */
export function writeBlock(volume: Volume, logical: number, bytes: Uint8Array): void {
  for (let rank = 0; rank < volume.chunks.copyCount(logical); rank += 1) {
    const { device, physical } = volume.chunks.place(logical, rank);
    writeAt(device, physical, bytes);
  }
}

/** Of the first device, each with its checksum. */
export function editSuperblocks(volume: Volume, change: (view: DataView) => void): void {
  const { device } = volume.members.all[0]!;
  for (const at of SUPERBLOCK_OFFSETS.slice(0, 2)) {
    const bytes = new Uint8Array(4096);
    device.read(at, 4096, bytes, 0);
    change(new DataView(bytes.buffer));
    bytes.set(volume.checksum.compute(bytes.subarray(32)));
    writeAt(device.name, at, bytes);
  }
}

function writeAt(path: string, at: number, bytes: Uint8Array): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}
