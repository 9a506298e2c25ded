/** What paths tell of rollbacks, from the top level of a volume. */

/** Snapper's system is one of its numbered folders: the default subvolume, after a rollback the next. */
const NUMBERED = /^((?:.*\/)?\.snapshots\/)(\d+)\/snapshot$/s;
/** A rollback of Dendro's keeps what stood there under such a name. */
const KEPT = /^(.+)\.before-rollback-\d{4}-\d\d-\d\dT\d\d\.\d\d(?:-\d+)?$/s;
/** Timeshift (README, "BTRFS snapshots") moves what stood there to its snapshots. */
const TIMESHIFT = /^((?:.*\/)?)timeshift-btrfs\/snapshots(?:-[a-z]+)?\/[^/]+\/(@[^/]*)$/s;

/** The folder of Snapper's snapshots that a path is one of, with its slash, and which. */
export function snapperNumber(path: string): { folder: string; number: number } | undefined {
  const [, folder, number] = NUMBERED.exec(path) ?? [];
  return folder === undefined ? undefined : { folder, number: Number(number) };
}

/** @param end tells it from others of the same minute; '' is the first. */
export function keptName(path: string, moment: string, end: string): string {
  return `${path}.before-rollback-${moment}${end}`;
}

/** Where something stood that a rollback has kept aside; undefined for all else. */
export function placeBeforeKept(path: string): string | undefined {
  return KEPT.exec(path)?.[1];
}

/** Where something stood before Dendro or Timeshift put it aside, however often; else where it is. */
export function placeBefore(path: string): string {
  const before = placeBeforeKept(path);
  if (before !== undefined) return placeBefore(before);
  const [, top, name] = TIMESHIFT.exec(path) ?? [];
  return name === undefined ? path : `${top}${name}`;
}
