import { expect, test } from 'vitest';
import { gapsOf, type Leaf, type LostBlock } from '../../../main/engine/rescue/salvage.ts';

const block = (level: number, fromObject: number, toObject: number): LostBlock => ({
  ...{ tree: 257, logical: 0, reason: '', generation: 10 },
  ...{ level, fromObject, toObject },
});

function leafAt(object: number, generation = 9): Leaf {
  const first = new Uint8Array(17);
  new DataView(first.buffer).setUint32(0, object, true);
  return { logical: 0, generation, first, last: first };
}

// Each found leaf was held against each lost one: hours, where a disk has lost a part of a large tree.
test('a found leaf is held against lost blocks that had something below them', () => {
  const lost = Array.from({ length: 200_000 }, (_, i) =>
    i % 1_000 === 500 ? block(1, i, i + 10) : block(0, i, i + 1),
  );
  const gapOf = gapsOf(lost);
  const beganMs = performance.now();
  for (let i = 0; i < 100_000; i += 1) {
    const expected = i % 1_000 >= 500 && i % 1_000 <= 510 ? i - (i % 1_000) + 500 : -1;
    if (gapOf(leafAt(i)) !== expected) expect({ i, gap: gapOf(leafAt(i)) }).toBe(expected);
  }
  expect(performance.now() - beganMs).toBeLessThan(10_000);
  expect(gapOf(leafAt(500, 11))).toBe(-1);
});
