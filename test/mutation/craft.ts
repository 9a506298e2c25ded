import { KEY } from '../../main/engine/format/constants.ts';
import {
  BLOCK_GROUP_ITEM,
  CHUNK,
  DEVICE_EXTENT,
  DEVICE_ITEM,
  DIR_ITEM,
  EXTENT_ITEM,
  FILE_EXTENT,
  HEADER,
  INODE_ITEM,
  INODE_REF,
  ITEM,
  KEY_POINTER,
  ROOT_ITEM,
  ROOT_REF,
} from '../../main/engine/format/layouts.ts';
import type { Random } from '../harness/random.ts';
import type { Subject } from './subject.ts';

interface Layout {
  readonly name: string;
  readonly size: number;
  readonly at: Readonly<Record<string, number>>;
}

const LAYOUTS: Readonly<Record<number, Layout>> = {
  [KEY.inodeItem]: INODE_ITEM,
  [KEY.inodeRef]: INODE_REF,
  [KEY.xattrItem]: DIR_ITEM,
  [KEY.dirItem]: DIR_ITEM,
  [KEY.dirIndex]: DIR_ITEM,
  [KEY.extentData]: FILE_EXTENT,
  [KEY.rootItem]: ROOT_ITEM,
  [KEY.rootRef]: ROOT_REF,
  [KEY.rootBackref]: ROOT_REF,
  [KEY.extentItem]: EXTENT_ITEM,
  [KEY.metadataItem]: EXTENT_ITEM,
  [KEY.blockGroupItem]: BLOCK_GROUP_ITEM,
  [KEY.deviceExtent]: DEVICE_EXTENT,
  [KEY.deviceItem]: DEVICE_ITEM,
  [KEY.chunkItem]: CHUNK,
};

/**
 * Writes one to three fields of items that a forger would choose: numbers of other inodes, trees
 * and blocks (so that directories lie in themselves, trees and blocks in circles, extents and
 * chunks over one another), nothing, and as much as there can be.
 */
export function craft(bytes: Uint8Array, subject: Subject, random: Random): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(HEADER.at.itemCount, true);
  if (bytes[HEADER.at.level] !== 0) return craftPointer(view, count, subject, random);
  const fields = Array.from({ length: random.between(1, 4) }, () =>
    craftField(view, count, subject, random),
  );
  return fields.join(', ');
}

/** A child that is an ancestor, a sibling or the block itself, as young as it says it is. */
function craftPointer(view: DataView, count: number, subject: Subject, random: Random): string {
  const slot = HEADER.size + random.between(0, Math.max(1, count)) * KEY_POINTER.size;
  const isOwn = random.chance(0.4);
  const other = random.pick(subject.blocks);
  const own = view.getBigUint64(HEADER.at.logical, true);
  const logical = isOwn ? own : BigInt(other.logical);
  view.setBigUint64(slot + KEY_POINTER.at.logical, logical, true);
  const { device, physical } = other.copies[0]!;
  const there = new DataView(device.bytes.buffer, device.bytes.byteOffset + physical);
  const from = isOwn ? view : there;
  const generation = from.getBigUint64(HEADER.at.generation, true);
  view.setBigUint64(slot + KEY_POINTER.at.generation, generation, true);
  return 'a child elsewhere';
}

function craftField(view: DataView, count: number, subject: Subject, random: Random): string {
  const known: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const item = HEADER.size + i * ITEM.size;
    if (LAYOUTS[view.getUint8(item + 8)] !== undefined) known.push(item);
  }
  if (known.length === 0) return 'nothing';
  const item = random.pick(known);
  const layout = LAYOUTS[view.getUint8(item + 8)]!;
  const names = Object.keys(layout.at);
  const name = random.pick(names);
  const at = layout.at[name]!;
  const end = layout.at[names[names.indexOf(name) + 1] ?? ''] ?? layout.size;
  const place = HEADER.size + view.getUint32(item + 17, true) + at;
  const size = Math.min(8, end - at);
  if (place + size > view.byteLength) return 'nothing';
  const value = valueFor(view, item, place, size, subject, random);
  for (let i = 0; i < size; i += 1) {
    view.setUint8(place + i, Number((value >> BigInt(8 * i)) & 0xffn));
  }
  return `${layout.name}: ${name} = ${value}`;
}

function valueFor(
  view: DataView,
  item: number,
  place: number,
  size: number,
  subject: Subject,
  random: Random,
): bigint {
  let now = 0n;
  for (let i = size - 1; i >= 0; i -= 1) now = (now << 8n) | BigInt(view.getUint8(place + i));
  const all = (1n << BigInt(8 * size)) - 1n;
  const value = random.pick([
    () => view.getBigUint64(item, true),
    () => view.getBigUint64(item + 9, true),
    () => BigInt(random.between(255, 264)),
    () => BigInt(random.pick([2, 3, 5, 7, 9, 10, 256, 257, 258])),
    () => BigInt(random.pick(subject.blocks).logical),
    () => now + 4096n,
    () => (now > 4096n ? now - 4096n : now + 1n),
    () => now * 2n,
    () => now / 2n,
    () => now ^ (1n << BigInt(random.between(0, 8 * size))),
    () => 0n,
    () => all,
    () => all >> 1n,
    () => all >> 11n,
    () => 1n << BigInt(4 * size),
  ])();
  return value & all;
}
