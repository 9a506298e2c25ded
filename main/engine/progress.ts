import type { Note } from '../../shared/said.ts';

/** How far a verb is; counts only grow. */
export interface EngineProgress {
  /** What is being done: 'plan', 'transfer', 'copy' ... */
  readonly step: string;
  readonly bytes: number;
  readonly totalBytes: number | null;
  /** All but folders. */
  readonly files: number;
  readonly totalFiles: number | null;
  /** Path being read or written, as text that keeps its bytes, or a sentence; '' for nothing. */
  readonly current: string | Note;
}

export type ReportProgress = (progress: EngineProgress) => void;

const INTERVAL_MS = 100;

/**
 * Passes at most ten reports a second on, and every first report of a step. `nowMs` is any
 * clock that only goes forward.
 */
export function throttled(report: ReportProgress, nowMs: () => number): ReportProgress {
  let lastMs = -Infinity;
  let lastStep: string | undefined;
  return (progress) => {
    const now = nowMs();
    if (progress.step === lastStep && now - lastMs < INTERVAL_MS) return;
    lastMs = now;
    lastStep = progress.step;
    report(progress);
  };
}
