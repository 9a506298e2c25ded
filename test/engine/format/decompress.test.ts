import { deflateSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decompress, zstdFrameLength } from '../../../main/engine/format/decompress.ts';
import { decompressLzo1x } from '../../../main/engine/format/lzo.ts';
import { systemLzo } from '../../../main/linux/system-unpackers.ts';
import { Random } from '../../harness/random.ts';

const SECTOR = 4096;
const padded = (data: Uint8Array): Uint8Array =>
  Buffer.concat([data, Buffer.alloc((SECTOR - (data.length % SECTOR)) % SECTOR)]);
const lzo = (source: readonly number[], size = 200): number[] | number => {
  const target = new Uint8Array(size);
  const count = decompressLzo1x(Uint8Array.from(source), 0, source.length, target, 0, size);
  return count < 0 ? count : [...target.subarray(0, count)];
};
const END = [0x11, 0, 0];
const text = (words: string): number[] => [...Buffer.from(words)];

test('lzo1x, instruction by instruction as lzo.rst has them', () => {
  expect(lzo([17 + 4, ...text('abcd'), ...END])).toEqual(text('abcd'));
  // 1LLDDDSS: 5 + L bytes from distance (H << 3) + D + 1
  expect(lzo([17 + 4, ...text('abcd'), 0x80 | (3 << 2), 0, ...END])).toEqual(text('abcdabcda'));
  // 01LDDDSS with two literals behind it
  expect(lzo([17 + 4, ...text('abcd'), 0x60 | (1 << 2) | 2, 0, ...text('xy'), ...END])).toEqual(
    text('abcdcdcdxy'),
  );
  // 001LLLLL with a long length: 31 + 0 + 9 + 2
  expect(lzo([17 + 1, ...text('z'), 0x20, 9, 0, 0, ...END])).toEqual(text('z'.repeat(43)));
  // a long run of literals: 3 + 15 + 2
  expect(lzo([0, 2, ...text('abcdefghijklmnopqrst'), ...END])).toEqual(
    text('abcdefghijklmnopqrst'),
  );
});

test('lzo1x refuses what leads out of its buffers', () => {
  expect(lzo([])).toBe(-1);
  expect(lzo([17 + 4, ...text('ab')])).toBe(-1);
  expect(lzo([17 + 4, ...text('abcd')])).toBe(-1); // no end
  expect(lzo([17 + 4, ...text('abcd'), 0x80 | (7 << 2), 5, ...END])).toBe(-1); // before the start
  expect(lzo([17 + 1, ...text('z'), 0x20, 255, 0, 0, ...END], 50)).toBe(-1); // past the end
  expect(lzo([0, ...Array<number>(300).fill(0)])).toBe(-1);
  const random = new Random(11);
  for (let i = 0; i < 20_000; i += 1) {
    const source = random.bytes(random.between(1, 60));
    const target = new Uint8Array(120).fill(7);
    decompressLzo1x(source, 0, source.length, target, 10, 110);
    expect(target.subarray(0, 10).every((byte) => byte === 7)).toBe(true);
    expect(target.subarray(110).every((byte) => byte === 7)).toBe(true);
  }
});

// Where the system has liblzo2 it unpacks, and Dendro's own where it does not.
test.skipIf(systemLzo() === null)('liblzo2 takes nothing that is otherwise for lzo1x here', () => {
  const random = new Random(12);
  const [theirs, ours] = [new Uint8Array(300), new Uint8Array(300)];
  let taken = 0;
  for (let i = 0; i < 200_000; i += 1) {
    const source = Uint8Array.from([17 + 6, ...random.bytes(random.between(6, 30)), ...END]);
    const count = systemLzo()!(source, theirs);
    if (count < 0) continue;
    taken += 1;
    expect(decompressLzo1x(source, 0, source.length, ours, 0, ours.length)).toBe(count);
    expect(Buffer.compare(ours.subarray(0, count), theirs.subarray(0, count))).toBe(0);
  }
  expect(taken).toBeGreaterThan(1000);
});

test.each([
  [1, (data: Uint8Array) => deflateSync(data)],
  [3, (data: Uint8Array) => zstdCompressSync(data)],
] as const)('compression %i: padded, longer and shorter than its target, damaged', (kind, pack) => {
  const random = new Random(kind);
  const plain = random.text(100_000);
  const source = padded(pack(plain));
  const exact = new Uint8Array(100_000);
  decompress(kind, source, exact, SECTOR);
  expect(Buffer.from(exact).equals(plain)).toBe(true);
  const longer = new Uint8Array(102_400).fill(1);
  decompress(kind, source, longer, SECTOR);
  expect(longer.subarray(100_000).every((byte) => byte === 0)).toBe(true);
  const shorter = new Uint8Array(5000);
  decompress(kind, source, shorter, SECTOR);
  expect(Buffer.from(shorter).equals(plain.subarray(0, 5000))).toBe(true);
  const bomb = pack(Buffer.alloc(50_000_000));
  expect(() => decompress(kind, bomb, exact, SECTOR)).toThrow(/cannot be decompressed/);
  for (let i = 0; i < 500; i += 1) {
    const bad = Uint8Array.from(source);
    bad[random.between(0, Math.min(bad.length, 400))]! ^= 1 << random.between(0, 8);
    try {
      decompress(kind, bad, exact, SECTOR);
    } catch (error) {
      expect(error).toMatchObject({ kind: 'Corrupt', code: 'compressed-data-damaged' });
    }
  }
});

test('lzo frames: random ones give Corrupt, never more than the target', () => {
  const random = new Random(5);
  for (let i = 0; i < 5000; i += 1) {
    const source = random.bytes(4096);
    source.writeUInt32LE(random.between(0, 5000), 0);
    source.writeUInt32LE(random.between(0, 200), 4);
    try {
      decompress(2, source, new Uint8Array(random.between(1, 9000)), SECTOR);
    } catch (error) {
      expect(error).toMatchObject({ kind: 'Corrupt', code: 'compressed-data-damaged' });
    }
  }
  expect(() => decompress(9, new Uint8Array(10), new Uint8Array(10), SECTOR)).toThrow(/not known/);
});

test('the length of a zstd frame, without what follows it', () => {
  for (const size of [0, 1, 300, 70_000, 131_072]) {
    for (const data of [new Random(1).bytes(size), Buffer.alloc(size, 'a')]) {
      const frame = zstdCompressSync(data);
      expect(zstdFrameLength(Buffer.concat([frame, Buffer.alloc(100)]))).toBe(frame.length);
    }
  }
  expect(zstdFrameLength(new Uint8Array(20))).toBe(-1);
});
