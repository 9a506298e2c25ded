import { HEADER, ITEM, KEY_POINTER } from '../../main/engine/format/layouts.ts';
import type { Random } from '../harness/random.ts';
import type { Subject } from './subject.ts';

/** Numbers on which readers stumble. */
const WORDS = [
  0n,
  1n,
  2n,
  3n,
  12n,
  24n,
  84n,
  96n,
  108n,
  255n,
  256n,
  257n,
  4095n,
  4096n,
  65535n,
  65536n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  (1n << 53n) - 1n,
  1n << 53n,
  1n << 62n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 9n,
  (1n << 64n) - 4096n,
  (1n << 64n) - 1n,
];

/** Changes one tree block, somewhere that matters more often than not. */
export function mutate(bytes: Uint8Array, subject: Subject, random: Random): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.max(1, Math.min(view.getUint32(HEADER.at.itemCount, true), 200));
  const isLeaf = bytes[HEADER.at.level] === 0;
  const stride = isLeaf ? ITEM.size : KEY_POINTER.size;
  const item = HEADER.size + random.between(0, count) * stride;
  const dataStart = Math.min(HEADER.size + view.getUint32(item + 17, true), bytes.length - 8);
  const dataSize = Math.max(1, Math.min(view.getUint32(item + 21, true), bytes.length - dataStart));
  const kinds: Record<string, () => void> = {
    'bit anywhere': () => flip(bytes, random.between(32, bytes.length), random),
    'bit in the header': () => flip(bytes, random.between(32, HEADER.size), random),
    'bit in a key': () => flip(bytes, item + random.between(0, 17), random),
    'bit in an item header': () => flip(bytes, item + random.between(17, stride), random),
    'bit in data': () => flip(bytes, dataStart + random.between(0, dataSize), random),
    'word in data': () => word(view, dataStart + random.between(0, dataSize), random),
    'word in a key': () => word(view, item + random.pick([0, 9]), random),
    'word in an item header': () => word(view, item + random.pick([17, 21, 25]), random),
    'type of a key': () =>
      (bytes[item + 8] = random.pick([1, 12, 13, 24, 84, 96, 108, 128, 132, 144, 228])),
    'address of a block': () => {
      const target = random.pick(subject.blocks).logical;
      view.setBigUint64(
        isLeaf ? Math.min(dataStart + random.pick([0, 8, 21, 176]), bytes.length - 8) : item + 17,
        BigInt(target),
        true,
      );
    },
    'item count': () =>
      view.setUint32(
        HEADER.at.itemCount,
        random.pick([0, 1, count - 1, count + 1, 2 ** 32 - 1, 400]),
        true,
      ),
    level: () => (bytes[HEADER.at.level] = random.between(0, 10)),
    'two items swapped': () => {
      const other = HEADER.size + random.between(0, count) * stride;
      const copy = bytes.slice(item, item + stride);
      bytes.copyWithin(item, other, other + stride);
      bytes.set(copy, other);
    },
    'a range of zeros': () => {
      const at = random.between(32, bytes.length);
      bytes.fill(0, at, at + random.between(1, 65));
    },
    'a range of noise': () => {
      const at = random.between(32, bytes.length - 65);
      bytes.set(random.bytes(random.between(1, 65)), at);
    },
    'another block': () => {
      const { device, physical } = random.pick(subject.blocks).copies[0]!;
      const at = random.pick([0, 32, HEADER.size]);
      bytes.set(device.bytes.subarray(physical + at, physical + bytes.length), at);
    },
  };
  const kind = random.pick(Object.keys(kinds));
  kinds[kind]!();
  return kind;
}

function flip(bytes: Uint8Array, at: number, random: Random): void {
  bytes[Math.min(at, bytes.length - 1)]! ^= 1 << random.between(0, 8);
}

function word(view: DataView, at: number, random: Random): void {
  const place = Math.min(at, view.byteLength - 8);
  const value = random.pick(WORDS);
  const size = random.pick([1, 2, 4, 8]);
  if (size === 1) view.setUint8(place, Number(value & 0xffn));
  else if (size === 2) view.setUint16(place, Number(value & 0xffffn), true);
  else if (size === 4) view.setUint32(place, Number(value & 0xffff_ffffn), true);
  else view.setBigUint64(place, value, true);
}
