import { join } from 'node:path';
import { KEY, TREE } from '../../main/engine/format/constants.ts';
import {
  DEVICE_EXTENT,
  DIR_ITEM,
  KEY_LAYOUT,
  SUPERBLOCK,
} from '../../main/engine/format/layouts.ts';
import { openSubvolume } from '../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../main/engine/volume/index.ts';
import { editSuperblocks, itemsOf, leafOf, writeBlock, type Item } from '../harness/forge-leaf.ts';
import type { TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { createSubvolume } from '../harness/syscalls.ts';
import { writeFileSync } from 'node:fs';

/** The subvolume that others are to be made of: what is made in them has high inode numbers. */
export const TEMPLATE = 'template';

/** Above 32 bits, each with other bits below, as a filesystem has them after many years. */
const INODE = 2 ** 40 + 2 ** 31 + 5;
const TREE_ID = 2 ** 34 + 2 ** 31 + 3;
const GENERATION = 2 ** 33 + 2 ** 31 + 7;
const LOGICAL = 2 ** 45 + 2 ** 31;
/** Of no type that anybody knows: the kernel gives out the numbers behind it. */
const UNKNOWN_TYPE = 0x77;
const DATA = 1n;

/**
 * Forges the first of each kind of number, mounts, and lets the kernel move everything: from then on
 * it gives out higher ones. The filesystem must be new, of one device, without a free space tree.
 */
export function raiseNumbers(fs: TestBtrfs): void {
  createSubvolume(join(fs.dir, TEMPLATE));
  writeFileSync(join(fs.dir, TEMPLATE, 'first'), 'the first');
  fs.unmount();
  forge(fs.images[0]!, (volume) => {
    const { id, root } = openSubvolume(volume, Buffer.from(TEMPLATE));
    rewrite(volume, root.logical, id, (items) => items.forEach(raiseInode));
  });
  forge(fs.images[0]!, raiseDataChunk);
  forge(fs.images[0]!, (volume) => {
    const { logical } = volume.requireRoot(TREE.root);
    const key = keyOf(TREE_ID, UNKNOWN_TYPE, 0);
    rewrite(volume, logical, TREE.root, (items) => items.push({ key, data: Uint8Array.of(1) }), {
      generation: GENERATION,
    });
    editSuperblocks(volume, (view) =>
      view.setBigUint64(SUPERBLOCK.at.generation, BigInt(GENERATION), true),
    );
  });
  fs.mount();
  run('btrfs', ['balance', 'start', '--full-balance', fs.dir]);
}

function forge(image: string, change: (volume: Volume) => void): void {
  const volume = openVolume([image]);
  try {
    change(volume);
  } finally {
    volume.close();
  }
}

function rewrite(
  volume: Volume,
  logical: number,
  owner: number,
  change: (items: Item[]) => void,
  { generation = volume.node(logical, {}).generation } = {},
): void {
  const items = itemsOf(volume, logical);
  change(items);
  items.sort((a, b) => compareKeys(a.key, b.key));
  writeBlock(volume, logical, leafOf(volume, { logical, owner, generation }, items));
}

/** The file's items, and the location in its names. */
function raiseInode({ key, data }: Item): void {
  if (objectIdOf(key) === 257) setNumber(key, KEY_LAYOUT.at.objectId, INODE);
  const isName = key[8] === KEY.dirItem || key[8] === KEY.dirIndex;
  if (isName) setNumber(data, DIR_ITEM.at.location + KEY_LAYOUT.at.objectId, INODE);
}

/** The chunk is empty: nothing points into it. */
function raiseDataChunk(volume: Volume): void {
  const chunk = volume.chunks.map.chunks.find(({ type }) => (Number(type) & Number(DATA)) !== 0)!;
  const old = chunk.logical;
  const chunkTree = volume.requireRoot(TREE.chunk);
  rewrite(volume, chunkTree.logical, TREE.chunk, (items) => {
    for (const { key } of items) {
      const isIt = key[8] === KEY.chunkItem && numberAt(key, KEY_LAYOUT.at.offset) === old;
      if (isIt) setNumber(key, KEY_LAYOUT.at.offset, LOGICAL);
    }
  });
  const devices = volume.requireRoot(TREE.device);
  rewrite(volume, devices.logical, TREE.device, (items) => {
    for (const { key, data } of items) {
      const isIt = key[8] === KEY.deviceExtent && numberAt(data, DEVICE_EXTENT.at.chunk) === old;
      if (isIt) setNumber(data, DEVICE_EXTENT.at.chunk, LOGICAL);
    }
  });
  const extents = volume.requireRoot(TREE.extent);
  rewrite(volume, extents.logical, TREE.extent, (items) => {
    for (const { key } of items) {
      const isIt = key[8] === KEY.blockGroupItem && objectIdOf(key) === old;
      if (isIt) setNumber(key, KEY_LAYOUT.at.objectId, LOGICAL);
    }
  });
}

function keyOf(objectId: number, type: number, offset: number): Uint8Array {
  const key = new Uint8Array(KEY_LAYOUT.size);
  setNumber(key, KEY_LAYOUT.at.objectId, objectId);
  key[8] = type;
  setNumber(key, KEY_LAYOUT.at.offset, offset);
  return key;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const numberAt = (bytes: Uint8Array, at: number): number =>
  Number(viewOf(bytes).getBigUint64(at, true));
const objectIdOf = (key: Uint8Array): number => numberAt(key, KEY_LAYOUT.at.objectId);

function setNumber(bytes: Uint8Array, at: number, value: number): void {
  viewOf(bytes).setBigUint64(at, BigInt(value), true);
}

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const [x, y] = [viewOf(a), viewOf(b)];
  const first = x.getBigUint64(0, true) - y.getBigUint64(0, true);
  const second = first || BigInt(a[8]! - b[8]!);
  const third = second || x.getBigUint64(9, true) - y.getBigUint64(9, true);
  return third < 0n ? -1 : third > 0n ? 1 : 0;
}
