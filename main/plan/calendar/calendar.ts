/**
 * An OnCalendar= expression, systemd.time(7). Each field is a list of components, of which one
 * has to match; an empty list matches everything.
 */
export interface Calendar {
  /** 0 is Sunday; empty: any day. */
  readonly weekdays: readonly number[];
  readonly years: readonly Component[];
  readonly months: readonly Component[];
  readonly days: readonly Component[];
  /** Days are counted from the end of the month, 1 is the last one. */
  readonly fromMonthEnd: boolean;
  readonly hours: readonly Component[];
  readonly minutes: readonly Component[];
  /** In microseconds. */
  readonly seconds: readonly Component[];
  /** IANA name; null is the time zone of the process. */
  readonly zone: string | null;
}

/** `start`, `start..stop`, `start/step`, `start..stop/step`. */
export interface Component {
  readonly start: number;
  /** Null: no end when there is a step, else the start alone. */
  readonly stop: number | null;
  /** 0: every value from start to stop. */
  readonly step: number;
}

export const SECOND_US = 1_000_000;
/** What systemd takes as a year. */
export const YEARS = { first: 1_970, last: 2_199 } as const;

export function matches(components: readonly Component[], value: number): boolean {
  return components.length === 0 || components.some((component) => holds(component, value));
}

function holds({ start, stop, step }: Component, value: number): boolean {
  if (value < start) return false;
  if (stop === null) return step === 0 ? value === start : (value - start) % step === 0;
  return value <= stop && (step === 0 || (value - start) % step === 0);
}

/** All values of a list from `least` to `most`, in order, each once. */
export function valuesOf(components: readonly Component[], least: number, most: number): number[] {
  const values: number[] = [];
  for (let value = least; value <= most; value += 1) {
    if (matches(components, value)) values.push(value);
  }
  return values;
}

/** The components as days of a month, when they are counted from its end. */
export function fromEnd(components: readonly Component[], monthDays: number): Component[] {
  const day = (count: number): number => monthDays - count + 1;
  return components.map(({ start, stop, step }) => {
    if (stop === null) return { start: day(start), stop: null, step };
    return { start: day(Math.max(start, stop)), stop: day(Math.min(start, stop)), step };
  });
}
