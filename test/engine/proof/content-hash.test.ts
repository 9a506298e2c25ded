import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CHUNK_BYTES, ContentHash } from '../../../main/engine/proof/content-hash.ts';
import { isZeros } from '../../../main/engine/proof/zeros.ts';
import { Random } from '../../harness/random.ts';

const TiB = 1024 ** 4;

// Zeros that nobody had written were hashed one by one: the record of a file of 8 TiB took hours.
test('a hole of terabytes is hashed at once, and its place counts', () => {
  const hashed = (at: number): string => {
    const hash = new ContentHash();
    hash.zeros(at);
    hash.data(Buffer.from('middle'));
    hash.zeros(8 * TiB - hash.at);
    return hash.hex();
  };
  const began = performance.now();
  expect(hashed(5 * TiB)).toBe(hashed(5 * TiB));
  expect(hashed(5 * TiB)).not.toBe(hashed(5 * TiB + CHUNK_BYTES));
  expect(hashed(5 * TiB)).not.toBe(hashed(5 * TiB + 1));
  expect(performance.now() - began).toBeLessThan(20_000);
});

test('zeros that are stored and holes are the same, in whatever pieces they come', () => {
  const random = new Random(5);
  const content = Buffer.alloc(4 * CHUNK_BYTES + 12_345);
  for (const at of [0, 4095, CHUNK_BYTES + 17, 3 * CHUNK_BYTES - 1]) content[at] = 7;
  const whole = new ContentHash();
  whole.data(content);
  const expected = whole.hex();
  for (let round = 0; round < 2; round += 1) {
    const hash = new ContentHash();
    while (hash.at < content.length) {
      const end = Math.min(content.length, hash.at + random.between(1, CHUNK_BYTES));
      const piece = content.subarray(hash.at, end);
      if (random.between(0, 3) > 0 && isZeros(piece, piece.length)) hash.zeros(piece.length);
      else hash.data(piece);
    }
    expect(hash.hex()).toBe(expected);
  }
});

test('without such a stretch of zeros, and in the form of old records, it is plain SHA-256', () => {
  const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  const [dense, sparse] = [Buffer.alloc(2 * CHUNK_BYTES - 1), Buffer.alloc(2 * CHUNK_BYTES)];
  dense[CHUNK_BYTES - 1] = 1;
  for (const [data, isWhole] of [
    [dense, false],
    [sparse, true],
    [Buffer.alloc(0), false],
    [Buffer.alloc(4096), false],
  ] as const) {
    const hash = new ContentHash(isWhole);
    hash.data(data);
    expect(hash.hex()).toBe(sha256(data));
  }
  const skipping = new ContentHash();
  skipping.data(sparse);
  expect(skipping.hex()).not.toBe(sha256(sparse));
});
