import { usage } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { SECOND_US, YEARS, type Calendar, type Component } from './calendar.ts';

const SHORTHANDS: Readonly<Record<string, string>> = {
  minutely: '*-*-* *:*:00',
  hourly: '*-*-* *:00:00',
  daily: '*-*-* 00:00:00',
  weekly: 'Mon *-*-* 00:00:00',
  monthly: '*-*-01 00:00:00',
  quarterly: '*-01,04,07,10-01 00:00:00',
  'semi-annually': '*-01,07-01 00:00:00',
  semiannually: '*-01,07-01 00:00:00',
  'bi-annually': '*-01,07-01 00:00:00',
  biannually: '*-01,07-01 00:00:00',
  annually: '*-01-01 00:00:00',
  yearly: '*-01-01 00:00:00',
  anually: '*-01-01 00:00:00',
};
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MIDNIGHT = '00:00:00';

/**
 * Reads an OnCalendar= expression as systemd does.
 *
 * @throws Usage 'bad-calendar', naming the part that is wrong
 */
export function parseCalendar(text: string): Calendar {
  const { rest, zone } = splitZone(text.trim().replaceAll(/\s+/g, ' '));
  if (rest.startsWith('@')) return ofEpoch(rest, text);
  const words = (SHORTHANDS[rest.toLowerCase()] ?? rest).split(' ').filter(Boolean);
  if (words.length === 0) throw wrong(text, noted('calendar-empty', 'it is empty'));
  const weekdays = /^[a-z]/i.test(words[0]!) ? weekdaysOf(words.shift()!, text) : [];
  const date = words[0] !== undefined && /[-~]/.test(words[0]) ? words.shift()! : '*-*-*';
  const time = words.shift() ?? MIDNIGHT;
  const more = { more: words.join(' ') };
  if (words.length > 0) throw wrong(text, noted('calendar-too-much', say`"${more}" is too much`));
  return { weekdays, ...dateOf(date, text), ...timeOf(time, text), zone };
}

/** A name of the time zone database, or UTC, as the last word. */
function splitZone(text: string): { rest: string; zone: string | null } {
  const at = text.lastIndexOf(' ');
  const last = text.slice(at + 1);
  if (at < 0 || !/^[A-Za-z]/.test(last) || !isZone(last)) return { rest: text, zone: null };
  return { rest: text.slice(0, at), zone: last };
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** '@1234567890': one moment, in seconds since 1970. */
function ofEpoch(rest: string, text: string): Calendar {
  if (!/^@\d{1,10}$/.test(rest))
    throw wrong(text, noted('calendar-epoch', 'after "@" stand seconds since 1970'));
  const at = new Date(Number(rest.slice(1)) * 1_000);
  const only = (start: number): Component[] => [{ start, stop: null, step: 0 }];
  return {
    weekdays: [],
    years: only(at.getUTCFullYear()),
    months: only(at.getUTCMonth() + 1),
    days: only(at.getUTCDate()),
    fromMonthEnd: false,
    hours: only(at.getUTCHours()),
    minutes: only(at.getUTCMinutes()),
    seconds: only(at.getUTCSeconds() * SECOND_US),
    zone: 'UTC',
  };
}

function weekdaysOf(word: string, text: string): number[] {
  const days = new Set<number>();
  const parts = word.replace(/,$/, '').split(',');
  for (const part of parts) {
    const [from, to, ...more] = part.split(/\.\.|-/);
    const first = weekdayOf(from ?? '', text);
    const last = to === undefined ? first : weekdayOf(to, text);
    // Weeks begin on Monday.
    if (more.length > 0 || fromMonday(last) < fromMonday(first)) {
      throw wrong(text, noted('calendar-no-weekdays', say`"${{ part }}" is no range of weekdays`));
    }
    for (let day = fromMonday(first); day <= fromMonday(last); day += 1) days.add((day + 1) % 7);
  }
  return [...days].sort((a, b) => a - b);
}

function fromMonday(weekday: number): number {
  return (weekday + 6) % 7;
}

function weekdayOf(name: string, text: string): number {
  const lower = name.toLowerCase();
  const day = WEEKDAYS.findIndex((full) => lower === full || lower === full.slice(0, 3));
  if (day < 0) throw wrong(text, noted('calendar-no-weekday', say`"${{ name }}" is no weekday`));
  return day;
}

function dateOf(
  word: string,
  text: string,
): Pick<Calendar, 'years' | 'months' | 'days' | 'fromMonthEnd'> {
  const fromMonthEnd = word.includes('~');
  const parts = word.split(/[-~]/);
  const tilde = word.indexOf('~');
  const isLast = tilde < 0 || word.slice(tilde + 1).search(/[-~]/) < 0;
  if (parts.length < 2 || parts.length > 3 || !isLast)
    throw wrong(text, noted('calendar-no-date', say`"${{ word }}" is no date`));
  const [day, month, year] = parts.reverse();
  const years = year === undefined ? [] : listOf(year, { ...YEAR, text });
  if (years.some(({ start }) => start >= 100 && start < YEARS.first)) {
    throw wrong(
      text,
      noted('calendar-too-early', say`"${{ year }}" is before ${{ first: YEARS.first }}`),
    );
  }
  return {
    years: years.map((one) => ({ ...one, start: fullYear(one.start), stop: fullYear(one.stop) })),
    months: listOf(month!, { name: 'month', least: 1, most: 12, text }),
    days: listOf(day!, { name: 'day', least: 1, most: fromMonthEnd ? 28 : 31, fromMonthEnd, text }),
    fromMonthEnd,
  };
}

const YEAR = { name: 'year', least: 0, most: YEARS.last } as const;

/** Two digits are 1970 to 2069. */
function fullYear<T extends number | null>(year: T): T {
  if (year === null || year >= 100) return year;
  return (year + (year < 70 ? 2_000 : 1_900)) as T;
}

function timeOf(word: string, text: string): Pick<Calendar, 'hours' | 'minutes' | 'seconds'> {
  const [hour, minute, second = '00', ...more] = word.split(':');
  if (minute === undefined || more.length > 0)
    throw wrong(text, noted('calendar-no-time', say`"${{ word }}" is no time`));
  const everySecond = [{ start: 0, stop: null, step: SECOND_US }];
  const most = 60 * SECOND_US - 1;
  return {
    hours: listOf(hour!, { name: 'hour', least: 0, most: 23, text }),
    minutes: listOf(minute, { name: 'minute', least: 0, most: 59, text }),
    seconds:
      second === '*'
        ? everySecond
        : listOf(second, { name: 'second', least: 0, most, unit: SECOND_US, text }),
  };
}

interface Bounds {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** What 1 stands for; decimals are taken when it is more than 1. */
  readonly unit?: number;
  readonly fromMonthEnd?: boolean;
  readonly text: string;
}

function listOf(list: string, bounds: Bounds): Component[] {
  if (list === '*') return [];
  return list.split(',').map((part) => componentOf(part, bounds));
}

const NUMBER = String.raw`\d+(?:\.\d+)?`;
const COMPONENT = new RegExp(`^(${NUMBER}?)(?:\\.\\.(${NUMBER}))?(?:/(${NUMBER}))?$`);

function componentOf(part: string, bounds: Bounds): Component {
  const { name, least, most, unit = 1, fromMonthEnd = false, text } = bounds;
  const bad = (): Error => wrong(text, noted('calendar-no-part', say`"${{ part }}" is no ${name}`));
  const found = COMPONENT.exec(part);
  if (!found || found[1] === '') throw bad();
  const valueOf = (digits: string): number => {
    if (unit === 1 && digits.includes('.')) throw bad();
    return Math.round(Number(digits) * unit);
  };
  const start = valueOf(found[1]!);
  const step = found[3] === undefined ? 0 : valueOf(found[3]);
  const end = found[2] === undefined ? null : valueOf(found[2]);
  const stop = end === null || fromMonthEnd ? end : lastStep(start, end, step);
  const isOut = (value: number): boolean => value < least || value > most;
  if (isOut(start) || (stop !== null && isOut(stop))) throw bad();
  if (found[3] !== undefined && (step === 0 || step > most - least)) throw bad();
  if (stop !== null && stop < start) throw bad();
  // Without an end the first step must not lead out of the field already.
  if (stop === null && step > 0) {
    if (fromMonthEnd ? start - step < least : start + step > most) throw bad();
  }
  // A step that leads out of its range leaves the start alone, as in systemd.
  const isAlone = stop !== null && (stop === start || start + step > stop);
  return isAlone ? { start, stop: null, step: 0 } : { start, stop, step };
}

/** systemd takes a range for what it reaches, but for days from a month's end: 0..60/7 is 0..56/7. */
function lastStep(start: number, end: number, step: number): number {
  return end > start && step > 0 ? end - ((end - start) % step) : end;
}

function wrong(text: string, why: Note): Error {
  return usage('bad-calendar', say`"${{ text }}" is no calendar expression: ${{ why }}.`, {
    hint: 'See systemd.time(7), or try it with: systemd-analyze calendar EXPRESSION',
  });
}
