import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveRuns } from '../../renderer/bridge/live-runs.ts';
import { noted } from '../../shared/said.ts';
import type { Run } from '../../shared/model/run.ts';
import { exampleRun } from '../history/example-run.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const run = (runId: string, state: Run['state'], title = 'Home to Blue Drive'): Run => ({
  ...exampleRun(),
  ...{ runId, state, title: noted('title.backup', title) },
});

// A window that stayed open for a day with a plan for each hour had fifty rows of "100 %" above all else.
test('a run takes the place of what ended before it under the same name', () => {
  const live = new LiveRuns();
  const shown = (): string[] => live.runs.map(({ runId }) => runId);
  live.take(run('1', 'done'));
  live.take(run('2', 'failed', 'System'));
  live.take(run('3', 'running'));
  expect(shown()).toEqual(['3', '2']);
  live.take(run('3', 'failed'));
  live.take(run('4', 'done', 'System'));
  expect(shown()).toEqual(['4', '3']);
});

test('two that run at a time are both shown', () => {
  const live = new LiveRuns();
  live.take(run('1', 'running'));
  live.take(run('2', 'running'));
  expect(live.runs).toHaveLength(2);
});

test('what ended well goes after a while; what did not stays', () => {
  const live = new LiveRuns();
  live.take(run('1', 'done'));
  live.take(run('2', 'failed', 'System'));
  vi.advanceTimersByTime(599_000);
  expect(live.runs).toHaveLength(2);
  vi.advanceTimersByTime(3_600_000);
  expect(live.runs.map(({ runId }) => runId)).toEqual(['2']);
});
