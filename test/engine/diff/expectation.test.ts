import { describe, expect, test } from 'vitest';
import { Expectation } from '../../../main/engine/diff/expectation.ts';
import type { NodeSource, Trail } from '../../../main/engine/diff/trail.ts';
import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
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

/** What is asked to be read ahead, by how; blocks of level 1 can be read. */
class Asked {
  readonly expected: number[][] = [];
  readonly fetched: number[] = [];
  readonly #expectation: Expectation;

  constructor(blocks: ReadonlyMap<number, Node> = new Map()) {
    this.#expectation = new Expectation({
      expect: (some: readonly number[]) => this.expected.push([...some]),
      fetch: (some: readonly number[]) => this.fetched.push(...some),
      node: (logical: number) => {
        const node = blocks.get(logical);
        if (node === undefined) throw corrupt('tree-block-damaged', say`Not there.`);
        return node;
      },
    } as unknown as NodeSource);
  }

  look(old: Node, oldSlot: number, fresh: Node, freshSlot: number, epoch = 0): void {
    const at = (node: Node, slot: number) => ({ node, slot, level: node.level, epoch }) as Trail;
    if (old.level > 1) this.#expectation.lookAbove(at(old, oldSlot), at(fresh, freshSlot));
    else this.#expectation.look(at(old, oldSlot), at(fresh, freshSlot));
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
    expect(asked.expected).toEqual([[1_050, 9_050], []]);
  });

  test('is read while others are looked at', () => {
    const asked = new Asked();
    asked.look(inner(1, pointers(0, 100)), 0, inner(1, pointers(0, 100, 5_000)), 0);
    expect(asked.expected[0]!.slice(0, 4)).toEqual([1_000, 5_000, 1_001, 5_001]);
    expect(asked.expected[0]).toHaveLength(200);
  });

  test('are the next blocks that only one of the two has, also where one was split', () => {
    const old = inner(2, pointers(0, 100));
    const fresh = inner(2, [...pointers(0, 2, 5_000), [3, 7_000], ...pointers(4, 100)]);
    const asked = new Asked();
    asked.look(old, 0, fresh, 0);
    expect(asked.fetched).toEqual([1_000, 5_000, 1_001, 5_001, 1_002, 1_003, 7_000]);
  });

  test('are the leaves below the next pair, too, unless blocks have moved since', () => {
    const [old, fresh] = [inner(2, pointers(0, 2)), inner(2, pointers(0, 2, 5_000))];
    const leaves = (from: number, changed: number) =>
      [inner(1, pointers(from, from + 9)), inner(1, pointers(from, from + 9))].map((node, i) => {
        const at = HEADER.size + (changed - from) * KEY_POINTER.size + 17;
        node.view.setBigUint64(at, BigInt(changed + i * 10_000 + 1_000), true);
        return node;
      }) as [Node, Node];
    const [first, second] = [leaves(0, 3), leaves(9, 12)];
    const blocks = new Map([
      [1_001, second[0]],
      [5_001, second[1]],
    ]);
    for (const epoch of [0, 1]) {
      const asked = new Asked(blocks);
      asked.look(old, 0, fresh, 0);
      asked.look(first[0], 0, first[1], 0, epoch);
      const next = epoch === 0 ? [1_012, 11_012] : [];
      expect(asked.expected).toEqual([[1_003, 11_003, ...next]]);
    }
  });
});
