import { zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FramePacker } from '../../main/archive/write/frame-packer.ts';
import { SystemPacker } from '../../main/linux/system-packer.ts';
import { Random } from '../harness/random.ts';

const MIB = 1 << 20;
/** Single segment or not, content size said, checksum: descriptor byte of RFC 8878, 3.1.1.1. */
const CHECKSUM_FLAG = 0x04;
const SINGLE_SEGMENT = 0x20;
const SIZE_FLAG = 0xc0;

test('frames that are packed side by side say their size, have a checksum and come back', async () => {
  const random = new Random(7);
  for (const level of [1, 3, 19]) {
    const plains = [1, 1000, MIB / 2, MIB].flatMap((n) => [random.bytes(n), random.text(n)]);
    const packers = plains.map(() => new FramePacker(level));
    const packed = await Promise.all(plains.map((plain, i) => packers[i]!.pack(plain)));
    packed.forEach((frame, i) => {
      expect(frame[4]! & CHECKSUM_FLAG).not.toBe(0);
      expect(frame[4]! & (SIZE_FLAG | SINGLE_SEGMENT)).not.toBe(0);
      expect(zstdDecompressSync(frame).equals(plains[i]!)).toBe(true);
    });
    for (const packer of packers) packer.close();
  }
});

// Node has a zstd of its own inside, whose functions the system's library once called instead of
// its own: the program crashed when the memory was given back.
test('memory of the system library is given back', async () => {
  const plain = new Random(8).text(MIB);
  for (let i = 0; i < 20; i += 1) {
    const packer = SystemPacker.open(3, MIB);
    if (packer === null) return;
    const packed = await packer.pack(plain);
    expect(zstdDecompressSync(packed!).equals(plain)).toBe(true);
    packer.close();
  }
});
