import { describe, expect, test } from 'vitest';
import { Expectation } from '../../../main/engine/diff/expectation.ts';
import type { NodeSource, Trail } from '../../../main/engine/diff/trail.ts';
import { HEADER, KEY_POINTER } from '../../../main/engine/format/layouts.ts';
import { Node } from '../../../main/engine/volume/node.ts';

const NODE_SIZE = 16_384;
const GENERATION = 7;

/** A block of this level that points to these children; the inode of each key is given. */
function inner(level: number, children: readonly (readonly [inode: number, logical: number])[]) {
  const bytes = new Uint8Array(NODE_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(HEADER.at.itemCount, children.length, true);
  view.setUint8(HEADER.at.level, level);
  children.forEach(([inode, logical], i) => {
    const at = HEADER.size + i * KEY_POINTER.size;
    view.setUint32(at, inode, true);
    view.setBigUint64(at + 17, BigInt(logical), true);
    view.setBigUint64(at + 25, BigInt(GENERATION), true);
  });
  return new Node(bytes);
}

/** What is asked to be read ahead, by how. */
class Asked {
  readonly expected: number[] = [];
  readonly fetched: number[] = [];
  readonly expectation = new Expectation({
    expect: (blocks: readonly number[]) => this.expected.push(...blocks),
    fetch: (blocks: readonly { logical: number; level: number }[]) =>
      this.fetched.push(...blocks.map(({ logical }) => logical)),
  } as unknown as NodeSource);

  look(old: Node, oldSlot: number, fresh: Node, freshSlot: number): void {
    const at = (node: Node, slot: number) => ({ node, slot, level: node.level }) as Trail;
    if (old.level > 1) this.expectation.lookAbove(at(old, oldSlot), at(fresh, freshSlot));
    else this.expectation.look(at(old, oldSlot), at(fresh, freshSlot));
  }
}

const pointers = (from: number, to: number, base = 1_000) =>
  Array.from({ length: to - from }, (_, i) => [from + i, base + from + i] as const);

describe('what a walk over two trees is going to read', () => {
  test('is not what a block shares with the second half of one that was split', () => {
    const old = inner(1, pointers(0, 400));
    const changed = [...pointers(0, 50), [50, 9_050] as const, ...pointers(51, 200)];
    const halves = [inner(1, changed), inner(1, pointers(200, 400))];
    const asked = new Asked();
    asked.look(old, 0, halves[0]!, 0);
    asked.look(old, 200, halves[1]!, 0);
    expect(asked.expected).toEqual([]);
    expect(asked.fetched).toEqual([1_050, 9_050]);
  });

  test('is read while others are looked at, when it is much', () => {
    const asked = new Asked();
    asked.look(inner(1, pointers(0, 100)), 0, inner(1, pointers(0, 100, 5_000)), 0);
    expect(asked.expected.slice(0, 4)).toEqual([1_000, 5_000, 1_001, 5_001]);
    expect(asked.expected).toHaveLength(200);
  });

  test('are the next pairs of inner blocks, where little differs below each', () => {
    const [old, fresh] = [inner(2, pointers(0, 100)), inner(2, pointers(0, 100, 5_000))];
    const asked = new Asked();
    for (let slot = 0; slot < 9; slot += 1) asked.look(old, slot, fresh, slot);
    // Eight pairs with the first of them, the next eight with the ninth.
    expect(asked.fetched).toHaveLength(32);
    expect(asked.fetched.slice(0, 4)).toEqual([1_000, 5_000, 1_001, 5_001]);
    expect(asked.fetched.slice(16, 18)).toEqual([1_008, 5_008]);
  });
});
