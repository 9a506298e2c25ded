import type { Retention, SchedulePreview, Timing } from '../../shared/model/schedule.ts';
import { nextRun, nextRuns } from './next-run.ts';
import { retain } from './retention.ts';

const RUNS_SHOWN = 10;
/** Bounds the simulation: five-minute points over ten years are a million. */
const POINTS_AT_MOST = 20_000;

/** What will have been kept at `atMs`, were every run from now on to succeed. */
export function previewSchedule(
  timing: Timing,
  keep: Retention,
  nowMs: number,
  atMs: number,
): SchedulePreview {
  const points: { takenAtMs: number }[] = [];
  let kept = points;
  for (let at = nextRun(timing, nowMs); at <= atMs; at = nextRun(timing, at)) {
    kept.push({ takenAtMs: at });
    // Pruned now and then, as a real schedule is, so that memory follows what is kept.
    if (kept.length > POINTS_AT_MOST) kept = remaining(kept, keep);
  }
  const verdicts = retain(remaining(kept, keep), keep);
  return {
    nextRunsAtMs: nextRuns(timing, nowMs, RUNS_SHOWN),
    atMs,
    kept: verdicts.map(({ takenAtMs, keep: stays, reasons }) => ({
      takenAtMs,
      keep: stays,
      reasons,
    })),
  };
}

function remaining(points: { takenAtMs: number }[], keep: Retention): { takenAtMs: number }[] {
  return retain(points, keep)
    .filter((verdict) => verdict.keep)
    .map(({ point }) => point);
}
