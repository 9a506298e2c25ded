import { expect, test } from 'vitest';
import { ByteList } from '../../main/archive/index/byte-list.ts';
import { FileHashes } from '../../main/archive/index/file-hash.ts';
import { Random } from '../harness/random.ts';

/** Of many pieces, and whatever lies where one ends. */
const ENTRIES = 20_000;

test('what was added comes out again, also in another thread', () => {
  const random = new Random(26);
  const list = new ByteList();
  const wanted: string[] = [];
  for (let i = 0; i < ENTRIES; i += 1) {
    const bytes = random.bytes(
      random.chance(0.05) ? random.between(0, 5_000) : random.between(0, 60),
    );
    const half = bytes.length >> 1;
    list.add(bytes.subarray(0, half), bytes.subarray(half));
    expect(list.isLast(bytes)).toBe(true);
    if (random.chance(0.1)) {
      list.dropLast();
      expect(list.isLast(bytes)).toBe(false);
    } else wanted.push(bytes.toString('hex'));
  }
  const hex = (bytes: Buffer): string => bytes.toString('hex');
  expect([...list].map(hex)).toEqual(wanted);
  expect(list.size).toBe(wanted.length);
  const { packed } = list;
  expect(packed.pieces.length).toBeGreaterThan(3);
  expect([...new ByteList(structuredClone(packed))].map(hex)).toEqual(wanted);
});

test('paths and their hashes', () => {
  const hashes = new FileHashes();
  expect([...hashes]).toEqual([]);
  const one = { path: Buffer.from('a/b'), sha256: Buffer.alloc(32, 1) };
  const two = { path: Buffer.from(''), sha256: Buffer.alloc(32, 2) };
  for (const { path, sha256 } of [one, two]) hashes.add(path, sha256);
  expect([...new FileHashes(hashes.packed)]).toEqual([one, two]);
});
