import { Cron } from 'croner';
import type { Timing } from '../../shared/model/plan.ts';
import { assertNever } from '../../shared/errors.ts';
import { nextElapse } from './calendar/next-elapse.ts';
import { parseCalendar } from './calendar/parse-calendar.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The first moment after `afterMs` at which the timing is due, in the local time zone of the
 * process; null when there is none, as for what waits for an event. A moment that daylight
 * saving skips is due when the clock has jumped over it; one that comes twice is due once, but for
 * what is due in every hour.
 */
export function nextRun(timing: Timing, afterMs: number): number | null {
  switch (timing.every) {
    case 'minutes':
      return nextOfMinutes(timing.minutes, afterMs);
    case 'hour':
      return nextOfHour(timing.minute, afterMs);
    case 'day':
      return firstAfter(afterMs, (days) => timeOfDay(afterMs, days, timing));
    case 'week':
      return firstAfter(afterMs, (weeks) => {
        const toWeekday = timing.weekday - new Date(afterMs).getDay();
        return timeOfDay(afterMs, toWeekday + weeks * 7, timing);
      });
    case 'month':
      return firstAfter(afterMs, (months) => timeOfMonth(afterMs, months, timing));
    case 'cron':
      return cronOf(timing.expression).nextRun(new Date(afterMs))?.getTime() ?? null;
    case 'calendar':
      return nextElapse(parseCalendar(timing.expression), afterMs);
    case 'plug-in':
    case 'packages':
      return null;
    default:
      return assertNever(timing);
  }
}

/** The first moment of any of the timings. */
export function nextOfAny(timings: readonly Timing[], afterMs: number): number | null {
  const moments = timings.flatMap((timing) => nextRun(timing, afterMs) ?? []);
  return moments.length === 0 ? null : Math.min(...moments);
}

/** The next `count` moments, or as many as there are. */
export function nextRuns(timings: readonly Timing[], afterMs: number, count: number): number[] {
  const moments: number[] = [];
  let at = nextOfAny(timings, afterMs);
  while (at !== null && moments.length < count) {
    moments.push(at);
    at = nextOfAny(timings, at);
  }
  return moments;
}

/** @throws Error when the expression is none of crontab(5) */
export function cronOf(expression: string): Cron {
  return new Cron(expression, { paused: true, mode: '5-part' });
}

function nextOfHour(minute: number, afterMs: number): number {
  const byClock = firstAfter(afterMs, (hours) => {
    const at = new Date(afterMs);
    return at.setHours(at.getHours() + hours, minute, 0, 0);
  });
  // Of an hour that comes twice the clock's own arithmetic knows the first only.
  const inHour =
    Math.floor(afterMs / MINUTE_MS) * MINUTE_MS +
    (minute - new Date(afterMs).getMinutes()) * MINUTE_MS;
  const elapsed = inHour > afterMs ? inHour : inHour + HOUR_MS;
  return new Date(elapsed).getMinutes() === minute ? Math.min(byClock, elapsed) : byClock;
}

/** Counted from local midnight, so that the moments are the same each day. */
function nextOfMinutes(minutes: number, afterMs: number): number {
  const midnight = new Date(afterMs).setHours(0, 0, 0, 0);
  const tomorrow = timeOfDay(afterMs, 1, { hour: 0, minute: 0 });
  const periods = Math.floor((afterMs - midnight) / (minutes * MINUTE_MS)) + 1;
  return Math.min(midnight + periods * minutes * MINUTE_MS, tomorrow);
}

/** All at once: where a day ends an hour early, one in between that does not exist is the next day's. */
function timeOfDay(dayMs: number, days: number, time: { hour: number; minute: number }): number {
  const day = new Date(dayMs);
  const [year, month] = [day.getFullYear(), day.getMonth()];
  return new Date(year, month, day.getDate() + days, time.hour, time.minute).getTime();
}

function timeOfMonth(
  fromMs: number,
  months: number,
  { day, hour, minute }: { day: number; hour: number; minute: number },
): number {
  const from = new Date(fromMs);
  const last = new Date(from.getFullYear(), from.getMonth() + months + 1, 0);
  return new Date(
    last.getFullYear(),
    last.getMonth(),
    Math.min(day, last.getDate()),
    hour,
    minute,
  ).getTime();
}

function firstAfter(afterMs: number, momentAt: (step: number) => number): number {
  for (let step = 0; ; step += 1) {
    const moment = momentAt(step);
    if (moment > afterMs) return moment;
  }
}
