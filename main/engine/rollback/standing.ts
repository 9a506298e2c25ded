import { placeBefore, snapperNumber } from './path-names.ts';

/** A subvolume, by its path from the top level. */
interface Standing {
  readonly id: number;
  readonly path: string;
  readonly isReadOnly: boolean;
}

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
      ? path === placeBefore(taken.path)
      : id === defaultId && snapperNumber(path)?.folder === folder;
  return subvolumes.find((one) => !one.isReadOnly && isIt(one)) ?? taken;
}
