import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistory, type History } from '../../main/history/history.ts';
import { historyTrouble } from '../../main/history/trouble.ts';
import { RateMeter } from '../../main/runs/rate-meter.ts';
import type { RunSpec } from '../../main/runs/report.ts';
import { Runs } from '../../main/runs/runs.ts';
import { ioError } from '../../shared/errors.ts';
import type { Run } from '../../shared/model/run.ts';

const spec: RunSpec = {
  kind: 'backup',
  title: 'Home to Blue Drive',
  steps: ['snapshot', 'plan', 'send'],
  source: null,
  commandLine: 'dendro backup',
};
let history: History;
let emitted: Run[];
let told: string[];
let clockMs: number;
let runs: Runs;

beforeEach(() => {
  history = openHistory(':memory:');
  emitted = [];
  told = [];
  clockMs = 1_000;
  let id = 0;
  runs = new Runs({
    history: history.runs,
    log: history.runLog,
    emit: (run) => emitted.push(run),
    nowMs: () => clockMs,
    newId: () => `run-${++id}`,
    owner: 'test',
    explain: (error) => historyTrouble(error, ':memory:'),
    failed: (text) => told.push(text),
  });
});
afterEach(() => history.close());

describe('a run', () => {
  it('is recorded from its first moment to its end', async () => {
    const { runId } = runs.start(spec, async (run) => {
      expect(history.runs.get(run.runId).state).toBe('running');
      run.step('snapshot');
      run.step('send', 'made a snapshot');
      run.plan(1_000, 10);
      clockMs += 2_000;
      run.progress(500, 5, 'a/b');
      expect(runs.get(run.runId).progress).toMatchObject({ percent: 50, current: 'a/b' });
      return { result: null, detail: 'sent it' };
    });
    const ended = await runs.ended(runId);
    expect(ended).toMatchObject({ state: 'done', endedAtMs: 3_000, error: null });
    expect(ended.progress.percent).toBe(100);
    expect(ended.steps.map((step) => [step.name, step.state, step.detail])).toEqual([
      ['snapshot', 'done', 'made a snapshot'],
      ['plan', 'skipped', ''],
      ['send', 'done', 'sent it'],
    ]);
    expect(history.runs.get(runId)).toEqual(ended);
  });

  it('that fails keeps the error with code, hint and place, and how far it was', async () => {
    const { runId } = runs.start(spec, async (run) => {
      run.step('send');
      run.plan(100, 1);
      run.progress(30, 0, 'x');
      throw ioError('target-full', 'Blue Drive is full.', {
        hint: 'Free 3 GB.',
        place: { path: 'x' },
      });
    });
    await runs.ended(runId);
    const { state, error, steps, progress } = history.runs.get(runId);
    expect(state).toBe('failed');
    expect(error).toEqual({
      kind: 'Io',
      code: 'target-full',
      message: 'Blue Drive is full.',
      hint: 'Free 3 GB.',
      place: { path: 'x' },
      values: {},
    });
    expect(steps[2]!.state).toBe('failed');
    expect(progress).toMatchObject({ bytes: 30, percent: 30 });
  });

  it('can be cancelled, once it runs and only while it runs', async () => {
    const { runId } = runs.start(spec, async (run) => {
      while (!run.cancel.isCancelled) await new Promise((resolve) => setTimeout(resolve, 1));
      run.cancel.check();
      return { result: null };
    });
    runs.cancel(runId);
    expect((await runs.ended(runId)).state).toBe('cancelled');
    expect(() => runs.cancel(runId)).toThrow(expect.objectContaining({ code: 'run-not-running' }));
  });

  it('says at most about ten times a second how far it is, and never 100 % too early', async () => {
    const { runId } = runs.start(spec, async (run) => {
      run.step('send');
      run.plan(10_000, 10_000);
      for (let i = 1; i <= 10_000; i += 1) {
        if (i % 10 === 0) clockMs += 1;
        run.progress(i, i, '');
      }
      return { result: null };
    });
    await runs.ended(runId);
    expect(emitted.length).toBeLessThan(20);
    const before = emitted.slice(0, -1).map((run) => run.progress.percent ?? 0);
    expect(Math.max(...before)).toBeLessThan(100);
    expect(emitted.at(-1)!.progress.percent).toBe(100);
  });
});

describe('the rate', () => {
  it('is that of the last seconds', () => {
    const meter = new RateMeter();
    for (let s = 0; s <= 60; s += 1) meter.add(s * 1_000, s * 1_000);
    for (let s = 1; s <= 6; s += 1) meter.add(60_000 + s * 10, 60_000 + s * 1_000);
    expect(meter.bytesPerSecond).toBeCloseTo(10, 5);
  });

  it('is zero before there is anything to measure', () => {
    const meter = new RateMeter();
    expect(meter.bytesPerSecond).toBe(0);
    meter.add(5, 1);
    expect(meter.bytesPerSecond).toBe(0);
  });
});
