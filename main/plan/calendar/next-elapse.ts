import { fromEnd, matches, SECOND_US, valuesOf, YEARS, type Calendar } from './calendar.ts';
import { clockIn, type Civil, type ZonedClock } from './zoned-clock.ts';

/** No clock is put back by more at once. */
const JUMP_MOST_MS = 4 * 3_600_000;

/**
 * The first moment after `afterMs` that the expression names; null when none is left. What
 * daylight saving skips is due just after the jump, where systemd waits for the next day; what
 * comes twice is due once, but for what is due in every hour: that goes on in both.
 */
export function nextElapse(calendar: Calendar, afterMs: number): number | null {
  const next = firstElapse(calendar, afterMs);
  if (next === null || calendar.hours.length > 0) return next;
  return Math.min(next, secondTime(calendar, afterMs, next) ?? next);
}

/** The first moment after `afterMs` that was due before, by the clock, and comes again. */
function secondTime(calendar: Calendar, afterMs: number, nextMs: number): number | undefined {
  const clock = clockIn(calendar.zone);
  const until = Math.min(nextMs, afterMs + JUMP_MOST_MS);
  const backMs = clock.offsetMs(afterMs - JUMP_MOST_MS) - clock.offsetMs(until);
  if (backMs <= 0) return undefined;
  for (let before = afterMs - backMs; ;) {
    const first = firstElapse(calendar, before);
    if (first === null || first + backMs >= nextMs) return undefined;
    if (clock.offsetMs(first) - clock.offsetMs(first + backMs) === backMs) return first + backMs;
    before = first;
  }
}

/** The first moment of those that have one; what comes twice is the first of the two. */
function firstElapse(calendar: Calendar, afterMs: number): number | null {
  const clock = clockIn(calendar.zone);
  const first = clock.civil(afterMs);
  const months = valuesOf(calendar.months, 1, 12);
  for (let year = Math.max(first.year, YEARS.first); year <= YEARS.last; year += 1) {
    if (!matches(calendar.years, year)) continue;
    for (const month of months) {
      if (year === first.year && month < first.month) continue;
      const isFirst = year === first.year && month === first.month;
      for (const day of daysOf(calendar, year, month)) {
        if (isFirst && day < first.day) continue;
        const moment = firstOfDay(calendar, { year, month, day }, clock, afterMs);
        if (moment !== null) return moment;
      }
    }
  }
  return null;
}

function daysOf(calendar: Calendar, year: number, month: number): number[] {
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const components = calendar.fromMonthEnd ? fromEnd(calendar.days, length) : calendar.days;
  return valuesOf(components, 1, length).filter((day) => {
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
    return calendar.weekdays.length === 0 || calendar.weekdays.includes(weekday);
  });
}

/** Whole hours and minutes that lie before `afterMs` are passed over without a look inside. */
function firstOfDay(
  { hours, minutes, seconds }: Calendar,
  date: Pick<Civil, 'year' | 'month' | 'day'>,
  clock: ZonedClock,
  afterMs: number,
): number | null {
  const at = (hour: number, minute: number, secondUs: number): number =>
    clock.epochMs({ ...date, hour, minute, second: 0 }) + Math.floor(secondUs / 1_000);
  const LAST_US = 60 * SECOND_US - 1;
  for (const hour of valuesOf(hours, 0, 23)) {
    if (at(hour, 59, LAST_US) <= afterMs) continue;
    for (const minute of valuesOf(minutes, 0, 59)) {
      if (at(hour, minute, LAST_US) <= afterMs) continue;
      const startMs = at(hour, minute, 0);
      for (const us of secondsOf(seconds)) {
        const moment = startMs + Math.floor(us / 1_000);
        if (moment > afterMs) return moment;
      }
    }
  }
  return null;
}

/** In microseconds and in order; at least one second apart when there are many. */
function secondsOf(components: Calendar['seconds']): number[] {
  const values = new Set<number>();
  for (const { start, stop, step } of components) {
    const end = stop ?? (step === 0 ? start : 60 * SECOND_US - 1);
    for (let us = start; us <= end; us += Math.max(step, SECOND_US)) values.add(us);
  }
  return [...values].sort((a, b) => a - b);
}
