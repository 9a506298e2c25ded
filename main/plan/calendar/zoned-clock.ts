/** What a clock on the wall shows; month and day from 1. */
export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export interface ZonedClock {
  civil(epochMs: number): Civil;
  /** Of a time that is skipped: as much later as the jump is long; of one that comes twice: the first. */
  epochMs(civil: Civil): number;
  /** How far the clock is ahead of UTC. */
  offsetMs(epochMs: number): number;
}

/** The clock of a zone of the time zone database; null is the zone of the process. */
export function clockIn(zone: string | null): ZonedClock {
  return zone === null ? local : zoned(zone);
}

const local: ZonedClock = {
  civil: (epochMs) => {
    const at = new Date(epochMs);
    return {
      year: at.getFullYear(),
      month: at.getMonth() + 1,
      day: at.getDate(),
      hour: at.getHours(),
      minute: at.getMinutes(),
      second: at.getSeconds(),
    };
  },
  epochMs: ({ year, month, day, hour, minute, second }) =>
    new Date(year, month - 1, day, hour, minute, second).getTime(),
  offsetMs: (epochMs) => -60_000 * new Date(epochMs).getTimezoneOffset(),
};

function zoned(zone: string): ZonedClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const civil = (epochMs: number): Civil => {
    const parts = format.formatToParts(epochMs).map(({ type, value }) => [type, Number(value)]);
    return Object.fromEntries(parts) as Civil;
  };
  const offsetMs = (epochMs: number): number =>
    asUtc(civil(epochMs)) - Math.floor(epochMs / 1_000) * 1_000;
  return {
    civil,
    offsetMs,
    epochMs: (wanted) => {
      const utc = asUtc(wanted);
      // The offset a day before and after: where they differ, a jump may lie between.
      const candidates = [utc - 86_400_000, utc + 86_400_000].map((at) => utc - offsetMs(at));
      const exact = candidates.filter((at) => asUtc(civil(at)) === utc);
      return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
    },
  };
}

function asUtc({ year, month, day, hour, minute, second }: Civil): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
