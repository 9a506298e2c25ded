import { locale, t } from '../text/index.ts';

/** Making one takes longer than a hundred uses; a page shows hundreds of moments. */
const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(options: Intl.DateTimeFormatOptions, language = locale()): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(language, options);
  formats.set(key, made);
  return made;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long, in at most two units: `4 s`, `2 min 10 s`, `3 h 05 min`, `9 days`. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms / SECOND)) * SECOND;
  if (ms > 0 && ms < 1000)
    return t('duration.seconds', { seconds: number(Math.max(0.1, Math.round(ms / 100) / 10)) });
  if (whole < MINUTE) return t('duration.seconds', { seconds: number(whole / SECOND) });
  if (whole < HOUR) {
    const [minutes, seconds] = two(whole, MINUTE, SECOND);
    if (seconds === '00') return t('duration.minutes', { minutes });
    return t('duration.minutesSeconds', { minutes, seconds });
  }
  if (whole < 2 * DAY) {
    const [hours, minutes] = two(whole, HOUR, MINUTE);
    if (minutes === '00') return t('duration.hours', { hours });
    return t('duration.hoursMinutes', { hours, minutes });
  }
  return t('duration.days', { days: number(Math.floor(whole / DAY)) });
}

function number(value: number): string {
  return value.toLocaleString(locale());
}

function two(ms: number, big: number, small: number): [string, string] {
  const second = Math.floor((ms % big) / small);
  return [number(Math.floor(ms / big)), String(second).padStart(2, '0')];
}

export interface Moment {
  readonly at: number;
  readonly now: number;
  readonly timeZone?: string;
}

/**
 * A moment as one says it in a sentence: `14:05 today`, `09:12 yesterday`, `Tuesday 18:00`,
 * `3 October, 18:00`, `3 October 2024, 18:00`.
 */
export function formatMoment({ at, now, timeZone }: Moment): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const clock = dateFormat({ hour: '2-digit', minute: '2-digit', ...zone });
  const time = clock.format(at);
  const days = daysBetween(at, now, timeZone);
  if (days === 0) return t('time.today', { time });
  if (days === 1) return t('time.yesterday', { time });
  if (days === -1) return t('time.tomorrow', { time });
  if (days > 1 && days < 7) return t('time.weekday', { time, day: weekday(at, zone) });
  const sameYear = dayParts(at, timeZone).year === dayParts(now, timeZone).year;
  const date = dateFormat({
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
    ...zone,
  });
  // A day stays with its month.
  const day = date.format(at).replace(/^(\d+\.?) /, '$1\u00a0');
  return t('time.date', { time, date: day });
}

function weekday(at: number, zone: { timeZone?: string }): string {
  return dateFormat({ weekday: 'long', ...zone }).format(at);
}

/** The full moment with seconds, for tooltips and tables. */
export function formatExactMoment(at: number, timeZone?: string): string {
  return dateFormat({
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);
}

/** The time of day with seconds: `14:05:09`. */
export function formatClock(at: number): string {
  return dateFormat({ timeStyle: 'medium' }).format(at);
}

/** How long a drive has been away: `9 days`, `5 hours`; never less than a minute. */
export function formatAway(since: number, now: number): string {
  const past = now - since;
  if (past < HOUR) return t('time.forMinutes', { count: Math.max(1, Math.floor(past / MINUTE)) });
  if (past < DAY) return t('time.forHours', { count: Math.floor(past / HOUR) });
  return t('time.forDays', { count: Math.floor(past / DAY) });
}

function dayParts(at: number, timeZone?: string): { year: number; day: number } {
  if (timeZone === undefined) {
    // A list of 5,000 moments took half a second with parts of a format.
    const here = new Date(at);
    const year = here.getFullYear();
    return { year, day: Date.UTC(year, here.getMonth(), here.getDate()) / DAY };
  }
  const parts = dateFormat(
    { year: 'numeric', month: 'numeric', day: 'numeric', timeZone },
    'en-US',
  ).formatToParts(at);
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value ?? 0);
  return {
    year: part('year'),
    day: Date.UTC(part('year'), part('month') - 1, part('day')) / DAY,
  };
}

function daysBetween(at: number, now: number, timeZone?: string): number {
  return dayParts(now, timeZone).day - dayParts(at, timeZone).day;
}
