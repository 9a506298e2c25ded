/** A subvolume, by its path from the top level. */
interface Standing {
  readonly id: number;
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** A rollback of Dendro's keeps what stood there under such a name. */
const KEPT = /^(.+)\.before-rollback-\d{4}-\d\d-\d\dT\d\d\.\d\d(?:-\d+)?$/s;
/** Timeshift (README, "BTRFS snapshots") moves what stood there to its snapshots. */
const TIMESHIFT = /^((?:.*\/)?)timeshift-btrfs\/snapshots(?:-[a-z]+)?\/[^/]+\/(@[^/]*)$/s;
/** Snapper's system is one of its numbered folders: the default subvolume. */
const NUMBERED = /^((?:.*\/)?\.snapshots\/)\d+\/snapshot$/s;

/**
 * What stands now where `taken` stood when points were taken from it: a rollback has put it aside,
 * and to roll it back, aside as it is, would change nothing for anybody.
 */
export function standingNow<S extends Standing>(
  taken: S,
  subvolumes: readonly S[],
  defaultId: number,
): S {
  const folder = NUMBERED.exec(taken.path)?.[1];
  const isIt = ({ id, path }: S): boolean =>
    folder === undefined
      ? path === placeOf(taken.path)
      : id === defaultId && NUMBERED.exec(path)?.[1] === folder;
  return subvolumes.find((one) => !one.isReadOnly && isIt(one)) ?? taken;
}

function placeOf(path: string): string {
  const before = KEPT.exec(path)?.[1];
  if (before !== undefined) return placeOf(before);
  const [, top, name] = TIMESHIFT.exec(path) ?? [];
  return name === undefined ? path : `${top}${name}`;
}
