import type { ErrorData } from '../../shared/errors.ts';
import type { RunRequest } from '../history/runs.ts';
import type { Noted } from '../../shared/said.ts';
import type { Progress, Run, RunKind, RunStep } from '../../shared/model/run.ts';

/** What is known of a run before it begins. */
export interface RunSpec {
  readonly kind: RunKind;
  readonly title: Noted;
  /** Names of its steps, in order. */
  readonly steps: readonly string[];
  readonly source: Run['source'];
  readonly planId?: string | undefined;
  readonly commandLine: string;
  /** What it was asked for; left out where that cannot be asked for again. */
  readonly request?: RunRequest | undefined;
  /** What it keeps busy: no other run that names one of them goes on meanwhile. */
  readonly devices?: readonly string[];
}

const nothingYet: Progress = {
  bytes: 0,
  totalBytes: null,
  files: 0,
  totalFiles: null,
  percent: null,
  bytesPerSecond: 0,
  etaMs: null,
  current: '',
};

export function begun(runId: string, spec: RunSpec, nowMs: number): Run {
  return {
    runId,
    kind: spec.kind,
    state: 'running',
    title: spec.title,
    startedAtMs: nowMs,
    endedAtMs: null,
    progress: nothingYet,
    steps: spec.steps.map((name) => ({
      name,
      state: 'waiting',
      startedAtMs: null,
      endedAtMs: null,
      detail: '',
    })),
    error: null,
    notes: [],
    planId: spec.planId ?? null,
    source: spec.source,
    result: null,
    commandLine: spec.commandLine,
    canRepeat: spec.planId !== undefined || spec.request !== undefined,
  };
}

/** Ends the step that is running, with `detail` as its sentence, and begins the named one. */
export function stepped(run: Run, name: string, nowMs: number, detail?: Noted): Run {
  const ended = closedSteps(run, 'done', nowMs, detail);
  const at = ended.findIndex((step) => step.name === name && step.state === 'waiting');
  const steps = ended.map((step, i): RunStep => {
    if (i === at) return { ...step, state: 'running', startedAtMs: nowMs };
    return i < at && step.state === 'waiting' ? { ...step, state: 'skipped' } : step;
  });
  return { ...run, steps };
}

export function progressed(
  run: Run,
  change: Pick<Progress, 'bytes' | 'files' | 'current'>,
  bytesPerSecond: number,
): Run {
  const { totalBytes, totalFiles } = run.progress;
  return {
    ...run,
    progress: {
      ...change,
      totalBytes,
      totalFiles,
      bytesPerSecond,
      percent: percentOf(change.bytes, totalBytes),
      etaMs: etaOf(change.bytes, totalBytes, bytesPerSecond),
    },
  };
}

export function planned(run: Run, totalBytes: number, totalFiles: number): Run {
  return { ...run, progress: { ...run.progress, totalBytes, totalFiles, percent: 0 } };
}

export function succeeded(
  run: Run,
  result: Run['result'],
  nowMs: number,
  detail: Noted | undefined,
): Run {
  const { bytes, files, totalBytes, totalFiles } = run.progress;
  const steps = closedSteps(run, 'done', nowMs, detail);
  return {
    ...run,
    state: 'done',
    endedAtMs: nowMs,
    result,
    steps: steps.map((step) => (step.state === 'waiting' ? { ...step, state: 'skipped' } : step)),
    progress: {
      ...run.progress,
      totalBytes: totalBytes ?? bytes,
      totalFiles: totalFiles ?? files,
      percent: 100,
      // Over the whole run: what a person compares with the next one.
      bytesPerSecond: meanRate(bytes, nowMs - run.startedAtMs),
      etaMs: 0,
      current: '',
    },
  };
}

export function failed(run: Run, error: ErrorData, nowMs: number): Run {
  const state = error.kind === 'Cancelled' ? 'cancelled' : 'failed';
  return {
    ...run,
    state,
    endedAtMs: nowMs,
    error,
    steps: closedSteps(run, 'failed', nowMs),
    progress: { ...run.progress, etaMs: null },
  };
}

function closedSteps(run: Run, state: 'done' | 'failed', nowMs: number, detail?: Noted): RunStep[] {
  return run.steps.map((step) =>
    step.state === 'running'
      ? { ...step, state, endedAtMs: nowMs, detail: detail ?? step.detail }
      : step,
  );
}

/** Below 100 until the run has ended well. */
function percentOf(bytes: number, totalBytes: number | null): number | null {
  if (totalBytes === null) return null;
  if (totalBytes === 0) return 0;
  return Math.min(99.9, (bytes * 100) / totalBytes);
}

function etaOf(bytes: number, totalBytes: number | null, rate: number): number | null {
  if (totalBytes === null || rate <= 0) return null;
  return Math.round((Math.max(0, totalBytes - bytes) * 1_000) / rate);
}

function meanRate(bytes: number, durationMs: number): number {
  return durationMs <= 0 ? 0 : (bytes * 1_000) / durationMs;
}
