import { afterEach, expect, test, vi } from 'vitest';
import { FrameRing } from '../../main/archive/write/frame-ring.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

// The thread had seen that no frame was there, then that no more would come: it left out the last one,
// and an export or import ended as a defect of Dendro.
test.each([1, 2, 3])('a frame that comes with the end, behind look %i, is not passed by', (at) => {
  const engine = new FrameRing();
  const taker = new FrameRing(engine.memory);
  const load = Atomics.load.bind(Atomics) as (words: Int32Array, index: number) => number;
  let looks = 0;
  vi.spyOn(Atomics, 'load').mockImplementation(((words: Int32Array, index: number) => {
    const seen = load(words, index);
    looks += 1;
    if (looks === at) {
      engine.put(Buffer.from('last'));
      engine.end('whole');
    }
    return seen;
  }) as typeof Atomics.load);
  expect(taker.await(0)).toBe(true);
  expect(taker.frame(0).toString()).toBe('last');
  taker.take('indexer');
  expect(taker.await(1)).toBe(false);
});
