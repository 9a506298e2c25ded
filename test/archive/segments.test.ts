// A group of segments that was cleared whole stayed as an empty one: what lay before it was not
// found any more, and what was written behind it came out of order.
import { afterAll, expect, test } from 'vitest';
import { SegmentMemory } from '../../main/archive/tree/segment-memory.ts';
import { SegmentMap } from '../../main/archive/tree/segments.ts';
import { Random } from '../harness/random.ts';

/** Of a group; two groups and a little more are laid. */
const GROUP = 512;
const SEGMENTS = 2 * GROUP + 76;
const EVERY = 4;
const LENGTH = 3;
const SIZE = SEGMENTS * EVERY;

test('a file that is cut off where a group begins, and goes on', () => {
  const one = new Both();
  one.clear(GROUP * EVERY, Number.MAX_SAFE_INTEGER);
  one.lay(0, 1);
  one.lay(GROUP * EVERY, 3);
});

test('a hole where a whole group was', () => {
  new Both().clear(GROUP * EVERY, 2 * GROUP * EVERY);
});

test('a file that is cut off whole, and goes on', () => {
  const one = new Both();
  one.clear(0, Number.MAX_SAFE_INTEGER);
  one.lay(9, 1);
  one.lay(3, 1);
});

test('anything laid and cleared about where groups begin and end', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = new Random(seed);
    const one = new Both();
    const place = (): number =>
      (GROUP / 2) * EVERY * random.between(0, 5) + (random.chance(0.8) ? 0 : random.between(0, 9));
    for (let step = 0; step < 5; step += 1) {
      const [start, end] = [place(), place()].sort((a, b) => a - b) as [number, number];
      if (random.chance(0.6)) one.clear(start, end);
      else one.lay(start, random.between(1, 6));
    }
  }
});

// Each piece was an object, with another one for what it is of: 500 MiB for a million of them.
test('a file in very many pieces takes little memory, and its middle is found', () => {
  const few = new SegmentMemory({ mostPages: 64 });
  const before = held();
  const map = new SegmentMap(few);
  const count = 400_000;
  for (let i = 0; i < count; i += 1) {
    map.lay({ start: i * 4096, end: i * 4096 + 100, shift: 0, tree: 1, change: i });
  }
  for (let i = 0; i < count; i += 1000) {
    map.lay({ start: i * 4096 + 10, end: i * 4096 + 20, shift: 0, tree: 1, change: count + i });
  }
  expect(held() - before).toBeLessThan(24 << 20);
  const [one, ...more] = map.within(200_000 * 4096, 200_000 * 4096 + 50);
  expect(one).toMatchObject({ start: 200_000 * 4096, end: 200_000 * 4096 + 10, change: 200_000 });
  expect(more.map(({ change }) => change)).toEqual([count + 200_000, 200_000]);
  map.clear(4096, (count - 1) * 4096);
  expect([...map.within(0, Infinity)].map(({ change }) => change)).toEqual([
    ...[0, count, 0],
    count - 1,
  ]);
  few.close();
});

function held(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Two groups at a time are in memory, the others in a file. */
const memory = new SegmentMemory({ mostPages: 2 });
afterAll(() => memory.close());

/** A map, and which write each byte is of. */
class Both {
  readonly #map = new SegmentMap(memory);
  readonly #bytes = new Uint32Array(SIZE + 2 * EVERY);
  #writes = 0;

  constructor() {
    for (let i = 0; i < SEGMENTS; i += 1) this.#write(i * EVERY, LENGTH);
    this.#expectSame();
  }

  lay(start: number, length: number): void {
    this.#write(start, length);
    this.#expectSame();
  }

  clear(start: number, end: number): void {
    this.#map.clear(start, end);
    if (end > start) this.#bytes.fill(0, start, end);
    this.#expectSame();
  }

  #write(start: number, length: number): void {
    this.#writes += 1;
    const change = this.#writes;
    this.#map.lay({ start, end: start + length, shift: 0, tree: 1, change });
    this.#bytes.fill(this.#writes, start, start + length);
  }

  #expectSame(): void {
    for (const from of [0, 1, (GROUP / 2) * EVERY, GROUP * EVERY - 1, GROUP * EVERY + 1]) {
      const bytes = new Uint32Array(this.#bytes.length);
      let last = from;
      for (const { start, end, change } of this.#map.within(from, bytes.length)) {
        if (start < last || end <= start) expect.fail(`[${start}, ${end}) behind ${last}`);
        bytes.fill(change, start, end);
        last = end;
      }
      const wrong = bytes.findIndex((byte, at) => at >= from && byte !== this.#bytes[at]);
      if (wrong >= 0) expect.fail(`byte ${wrong}, looked for from ${from} on`);
    }
  }
}
