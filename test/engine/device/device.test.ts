import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allocateAligned, openDevice, releaseAligned } from '../../../main/engine/device/index.ts';
import { Random } from '../../harness/random.ts';

let dir: string;
let image: string;
const content = new Random(1).bytes(3 * 1024 * 1024 + 777);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'dendro-device-'));
  image = join(dir, 'image');
  writeFileSync(image, content);
});
afterAll(() => rmSync(dir, { recursive: true }));

test('aligned or not, into any memory, to the last byte of an odd-sized image', () => {
  const device = openDevice(image);
  const aligned = allocateAligned(2 * 1024 * 1024);
  expect(device.sizeBytes).toBe(content.length);
  for (const target of [aligned, new Uint8Array(2 * 1024 * 1024)]) {
    for (const [position, length, at] of [
      [0, 4096, 0],
      [4096, 1024 * 1024, 8192],
      [1, 1, 3],
      [777, 1_300_000, 5],
      [content.length - 777, 777, 0],
      [content.length - 4097, 4097, 1],
    ] as const) {
      target.fill(0);
      device.read(position, length, target, at);
      expect(
        Buffer.from(target.subarray(at, at + length)).equals(
          content.subarray(position, position + length),
        ),
      ).toBe(true);
    }
  }
  device.close();
  device.close();
});

test('a read that was begun gives the same bytes, in any order, many at once', () => {
  const device = openDevice(image);
  const memory = allocateAligned(1024 * 1024);
  const size = 65536;
  const begun = Array.from({ length: 12 }, (_, i) => ({
    i,
    finish: device.startRead?.(i * size, size, memory, i * size),
  }));
  for (const { i, finish } of begun.reverse()) {
    if (finish === undefined) device.read(i * size, size, memory, i * size);
    else finish();
  }
  expect(Buffer.from(memory.subarray(0, 12 * size)).equals(content.subarray(0, 12 * size))).toBe(
    true,
  );
  expect(device.startRead?.(1, size, memory, 0)).toBeUndefined();
  releaseAligned(memory);
  device.close();
});

test('what cannot be read says what, where and why', () => {
  const device = openDevice(image);
  expect(() => device.read(content.length - 10, 11, new Uint8Array(20), 0)).toThrow(
    expect.objectContaining({ kind: 'Io', code: 'device-too-short' }),
  );
  expect(() => device.read(-1, 4, new Uint8Array(20), 0)).toThrow(/ends before/);
  device.close();
  expect(() => openDevice(join(dir, 'nothing'))).toThrow(
    expect.objectContaining({ kind: 'Io', code: 'device-not-found' }),
  );
  expect(() => openDevice(dir)).toThrow(expect.objectContaining({ kind: 'Usage' }));
  expect(() => openDevice('/dev/null')).toThrow(expect.objectContaining({ code: 'not-a-device' }));
});

test('aligned memory is page aligned and comes back into use', () => {
  const first = allocateAligned(5000);
  const second = allocateAligned(100);
  expect([first.byteOffset % 4096, second.byteOffset % 4096]).toEqual([0, 0]);
  releaseAligned(first);
  expect(allocateAligned(8192).byteOffset).toBe(first.byteOffset);
  expect(allocateAligned(100 * 1024 * 1024).length).toBe(100 * 1024 * 1024);
});
