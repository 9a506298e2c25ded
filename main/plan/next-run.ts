import type { Timing } from '../../shared/model/schedule.ts';
import { assertNever } from '../../shared/errors.ts';

const MINUTE_MS = 60_000;

/**
 * The first moment after `afterMs` at which the timing is due, in the local time zone of the
 * process. A moment that daylight saving skips is due when the clock has jumped over it; one
 * that comes twice is due once.
 */
export function nextRun(timing: Timing, afterMs: number): number {
  switch (timing.every) {
    case 'minutes':
      return nextOfMinutes(timing.minutes, afterMs);
    case 'hour':
      return firstAfter(afterMs, (steps) => {
        const at = new Date(afterMs);
        return new Date(at).setHours(at.getHours() + steps, timing.minute, 0, 0);
      });
    case 'day':
      return firstAfter(afterMs, (days) => timeOfDay(afterMs, days, timing));
    case 'week':
      return firstAfter(afterMs, (weeks) => {
        const toWeekday = timing.weekday - new Date(afterMs).getDay();
        return timeOfDay(afterMs, toWeekday + weeks * 7, timing);
      });
    default:
      return assertNever(timing);
  }
}

/** The next `count` moments. */
export function nextRuns(timing: Timing, afterMs: number, count: number): number[] {
  const moments: number[] = [];
  for (let at = afterMs; moments.length < count; moments.push(at)) at = nextRun(timing, at);
  return moments;
}

/**
 * Whether it is due now: at its moment, or later when the computer slept or was off at that
 * time. However many moments were missed, one run makes up for them all.
 */
export function isDue(timing: Timing, lastRunMs: number, nowMs: number): boolean {
  return nextRun(timing, lastRunMs) <= nowMs;
}

/** Counted from local midnight, so that the moments are the same each day. */
function nextOfMinutes(minutes: number, afterMs: number): number {
  const midnight = new Date(afterMs).setHours(0, 0, 0, 0);
  const tomorrow = timeOfDay(afterMs, 1, { hour: 0, minute: 0 });
  const periods = Math.floor((afterMs - midnight) / (minutes * MINUTE_MS)) + 1;
  return Math.min(midnight + periods * minutes * MINUTE_MS, tomorrow);
}

function timeOfDay(dayMs: number, days: number, time: { hour: number; minute: number }): number {
  const at = new Date(dayMs);
  at.setDate(at.getDate() + days);
  return at.setHours(time.hour, time.minute, 0, 0);
}

function firstAfter(afterMs: number, momentAt: (step: number) => number): number {
  for (let step = 0; ; step += 1) {
    const moment = momentAt(step);
    if (moment > afterMs) return moment;
  }
}
