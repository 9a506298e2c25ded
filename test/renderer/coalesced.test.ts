import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { coalesced } from '../../renderer/bridge/coalesced.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a burst is answered twice: at once, and after its end', async () => {
  const begun: number[] = [];
  const tell = coalesced(async () => void begun.push(Date.now()), 500);
  const start = Date.now();
  for (let i = 0; i < 40; i += 1) {
    tell();
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(5_000);
  expect(begun.map((at) => at - start)).toEqual([0, 500]);
  tell();
  expect(begun).toHaveLength(3);
});

test('what is told while the work goes on is worked on after it, never beside it', async () => {
  let [atOnce, most, turns] = [0, 0, 0];
  const tell = coalesced(async () => {
    turns += 1;
    most = Math.max(most, (atOnce += 1));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    atOnce -= 1;
  }, 100);
  tell();
  await vi.advanceTimersByTimeAsync(1_000);
  tell();
  await vi.advanceTimersByTimeAsync(10_000);
  expect({ most, turns }).toEqual({ most: 1, turns: 2 });
});

test('work that fails does not end it', async () => {
  let turns = 0;
  const tell = coalesced(() => {
    turns += 1;
    return Promise.reject(new Error('gone'));
  }, 100);
  tell();
  await vi.advanceTimersByTimeAsync(1_000);
  tell();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(turns).toBe(2);
});
