import { describe, expect, it } from 'vitest';
import { HEADER } from '../../../main/engine/format/layouts.ts';
import { NodeCache } from '../../../main/engine/volume/node-cache.ts';
import { Node } from '../../../main/engine/volume/node.ts';

const NODES = 64;

describe('blocks that are kept', () => {
  it('keeps inner blocks, however many leaves come and go', () => {
    const cache = new NodeCache(NODES);
    const inner = blockAt(1, 1);
    cache.set(inner);
    for (let i = 0; i < 10 * NODES; i++) cache.set(blockAt(100 + i, 0));
    expect(cache.get(1)).toBe(inner);
    expect(cache.has(100)).toBe(false);
    expect(cache.has(100 + 10 * NODES - 1)).toBe(true);
  });

  it('keeps so many blocks of each kind and not more', () => {
    const cache = new NodeCache(NODES);
    for (let i = 0; i < 10 * NODES; i++) {
      cache.set(blockAt(1000 + i, 0));
      cache.set(blockAt(9000 + i, 1));
    }
    const countFrom = (first: number): number =>
      Array.from({ length: 10 * NODES }, (_, i) => cache.has(first + i)).filter(Boolean).length;
    for (const first of [1000, 9000]) {
      expect(countFrom(first)).toBeLessThanOrEqual(NODES);
      expect(countFrom(first)).toBeGreaterThanOrEqual(NODES / 2);
    }
  });

  it('gives the block that was read last where another kind stood before', () => {
    const cache = new NodeCache(NODES);
    cache.set(blockAt(7, 0));
    const later = blockAt(7, 2);
    cache.set(later);
    expect(cache.get(7)).toBe(later);
    cache.set(blockAt(7, 0));
    expect(cache.get(7)!.level).toBe(0);
  });

  it('forgets all', () => {
    const cache = new NodeCache(NODES);
    cache.set(blockAt(7, 0));
    cache.set(blockAt(8, 1));
    cache.clear();
    expect([cache.has(7), cache.has(8)]).toEqual([false, false]);
  });
});

function blockAt(logical: number, level: number): Node {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(HEADER.at.logical, BigInt(logical), true);
  view.setUint8(HEADER.at.level, level);
  return new Node(bytes);
}
