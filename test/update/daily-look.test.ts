import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Background } from '../../main/service/background.ts';
import type { Context } from '../../main/service/context.ts';
import { keepHouse } from '../../main/service/housekeeping.ts';
import { ioError } from '../../shared/errors.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** As much of a service as looks for updates; counts its looks, and what it tells the page. */
function service(lookForUpdates: boolean, options: { fails?: boolean; hasChannel?: boolean } = {}) {
  const { fails = false, hasChannel = true } = options;
  let lookedAtMs: number | null = null;
  const seen = { looks: 0, told: 0 };
  const context = {
    options: { runPlans: true },
    nowMs: Date.now,
    background: new Background({
      explain: () => undefined,
      failed: (text) => expect.fail(text),
    }),
    planFile: { look: () => Promise.resolve() },
    history: {
      settings: { get: () => ({ lookForUpdates, historyDays: 1, historyRuns: 1 }) },
      runs: { trim: () => undefined },
    },
    catalogue: { update: () => Promise.resolve() },
    hub: { emit: () => void (seen.told += 1), subscribe: () => () => undefined },
    updates: {
      state: () => Promise.resolve({ state: hasChannel ? 'unknown' : 'none', lookedAtMs }),
      check: () => {
        seen.looks += 1;
        if (fails) return Promise.reject(ioError('update-unreachable', 'Nobody answers.'));
        lookedAtMs = Date.now();
        return Promise.resolve();
      },
    },
  };
  const house = keepHouse(context as unknown as Context);
  return { seen, stop: () => house.stop() };
}

async function looksAfter(ms: number, house: ReturnType<typeof service>): Promise<number> {
  await vi.advanceTimersByTimeAsync(ms);
  return house.seen.looks;
}

test('looks once a day where a person has switched it on, and tells the page', async () => {
  const house = service(true);
  expect(await looksAfter(HOUR, house)).toBe(1);
  expect(await looksAfter(22 * HOUR, house)).toBe(1);
  expect(await looksAfter(3 * HOUR, house)).toBe(2);
  expect(await looksAfter(2 * DAY, house)).toBeLessThanOrEqual(4);
  expect(house.seen.told).toBe(house.seen.looks);
  house.stop();
  const before = house.seen.looks;
  expect(await looksAfter(3 * DAY, house)).toBe(before);
});

test('asks nobody where it is off, or where there is no channel', async () => {
  const [off, without] = [service(false), service(true, { hasChannel: false })];
  expect(await looksAfter(3 * DAY, off)).toBe(0);
  expect(without.seen.looks).toBe(0);
  off.stop();
  without.stop();
});

test('a channel that does not answer is asked again after an hour, not every time', async () => {
  const house = service(true, { fails: true });
  expect(await looksAfter(HOUR / 2, house)).toBe(1);
  expect(await looksAfter(HOUR, house)).toBe(2);
  expect(await looksAfter(10 * HOUR, house)).toBe(12);
  house.stop();
});
