import { placeBeforeKept, snapperNumber } from './path-names.ts';

/** A subvolume, by its path from the top level. */
interface Standing {
  readonly id: number;
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** Timeshift (README, "BTRFS snapshots") moves what stood there to its snapshots. */
const TIMESHIFT = /^((?:.*\/)?)timeshift-btrfs\/snapshots(?:-[a-z]+)?\/[^/]+\/(@[^/]*)$/s;

/**
 * What stands now where `taken` stood when points were taken from it: a rollback has put it aside,
 * and to roll it back, aside as it is, would change nothing for anybody.
 */
export function standingNow<S extends Standing>(
  taken: S,
  subvolumes: readonly S[],
  defaultId: number,
): S {
  const folder = snapperNumber(taken.path)?.folder;
  const isIt = ({ id, path }: S): boolean =>
    folder === undefined
      ? path === placeOf(taken.path)
      : id === defaultId && snapperNumber(path)?.folder === folder;
  return subvolumes.find((one) => !one.isReadOnly && isIt(one)) ?? taken;
}

function placeOf(path: string): string {
  const before = placeBeforeKept(path);
  if (before !== undefined) return placeOf(before);
  const [, top, name] = TIMESHIFT.exec(path) ?? [];
  return name === undefined ? path : `${top}${name}`;
}
