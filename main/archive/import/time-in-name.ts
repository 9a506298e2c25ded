/**
 * A date, as people and tools put it into names, with the time of day where it is there. btrbk
 * (btrbk.conf(5), `timestamp_format`): YYYYMMDD, YYYYMMDDThhmm, YYYYMMDDThhmmss+zzzz, and `_N`
 * where a name was taken; ISO 8601, also with dots, dashes or spaces (Timeshift, this program).
 */
const STAMP =
  /(?<!\d)(20\d\d)(-?)(\d\d)\2(\d\d)(?:[T_. -](\d\d)([-:.]?)(\d\d)(?:\6(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?(?!\d)/g;

/**
 * The time that a name holds, the last one where there are several; null when there is none.
 * Without a zone it is the local time of this computer.
 */
export function timeInName(name: string): number | null {
  const found = [...name.matchAll(STAMP)].map(timeOf).filter((ms) => !Number.isNaN(ms));
  return found.at(-1) ?? null;
}

function timeOf(match: RegExpExecArray): number {
  const [, year, , month, day, hour = '00', , minute = '00', second = '00', zone = ''] = match;
  const iso = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${iso}`);
}
