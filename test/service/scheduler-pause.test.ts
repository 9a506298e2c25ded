import { expect, test } from 'vitest';
import { openHistory } from '../../main/history/history.ts';
import type { PlanHistory } from '../../main/history/plans.ts';
import { Scheduler } from '../../main/service/plans/scheduler.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import { latestOnly } from '../plan/latest-only.ts';

const DAY_MS = 86_400_000;

test('paused plans are not looked at; a pause that no person could have set is none', () => {
  const nowMs = Date.UTC(2026, 10, 28);
  let pausedUntilMs = 0;
  let looks = 0;
  const plans = { list: () => (looks++, []) } as unknown as PlanHistory;
  const scheduler = new Scheduler({
    plans,
    nowMs: () => nowMs,
    pausedUntilMs: () => pausedUntilMs,
    world: () => ({}) as never,
    begin: () => {
      throw new Error('nothing is due');
    },
    random: () => 0,
    changed: () => undefined,
    ended: () => undefined,
    inBackground: (look) => look(),
    failed: () => undefined,
  });
  const looksWith = (untilMs: number): number => {
    pausedUntilMs = untilMs;
    looks = 0;
    scheduler.look();
    return looks;
  };
  expect(looksWith(0)).toBe(1);
  expect(looksWith(nowMs + 1)).toBe(0);
  expect(looksWith(nowMs)).toBe(1);
  expect(looksWith(nowMs + 30 * DAY_MS)).toBe(0);
  // The clock stood in another century when it was set.
  expect(looksWith(nowMs + 36_500 * DAY_MS)).toBe(1);
  // A drive may come while the service is closing: nothing begins that could not end any more.
  scheduler.stop();
  expect(looksWith(0)).toBe(0);
});

// Plans said "Next: 30 November 2027" until something else was changed.
test('that a clock which was ahead was put right is told: plans are due at other times', () => {
  const draft = PlanDraft.parse({
    name: 'Home',
    sources: [{ volumeId: 'laptop', subvolumeId: 256 }],
    when: [{ every: 'hour', minute: 0 }],
    keepLocal: latestOnly,
    targets: [],
  });
  const history = openHistory(':memory:');
  history.plans.create('p1', draft, 0);
  let nowMs = Date.UTC(2027, 10, 30);
  let told = 0;
  const [part] = history.plans.list()[0]!.parts;
  history.plans.setPart('p1', { ...part!, lastRunAtMs: nowMs, lastGoodAtMs: nowMs });
  const scheduler = new Scheduler({
    plans: history.plans,
    nowMs: () => nowMs,
    pausedUntilMs: () => 0,
    world: () => ({ sourceIsHere: () => true, targetIsHere: () => true }) as never,
    begin: () => {
      throw new Error('nothing is due');
    },
    random: () => 0,
    changed: () => (told += 1),
    ended: () => undefined,
    inBackground: (look) => look(),
    failed: () => undefined,
  });
  scheduler.look();
  expect(told).toBe(0);
  nowMs = Date.UTC(2026, 10, 30);
  scheduler.look();
  scheduler.look();
  expect(told).toBe(1);
  history.close();
});
