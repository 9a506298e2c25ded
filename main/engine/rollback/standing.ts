import { placeBefore, snapperNumber } from './path-names.ts';

/** A subvolume, by its path from the top level. */
interface Standing {
  readonly id: number;
  readonly path: string;
  readonly isReadOnly: boolean;
  readonly uuid: string;
  /** '' for one that is a snapshot of nothing. */
  readonly parentUuid: string;
}

/**
 * What stands now where `taken` stood when points were taken from it: a rollback has put it aside,
 * and to roll it back, aside as it is, would change nothing for anybody. The names tell what Dendro,
 * Timeshift and Snapper have put aside.
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

/**
 * What may have taken the place of `target`, put there by a person, of whose names nothing is known:
 * it was made of it or of one of its points and is mounted, and `target` is not. A snapshot of
 * another tool that was booted to do the rollback from is none of them.
 */
export function heirsOf<S extends Standing>(
  target: S,
  subvolumes: readonly S[],
  isMounted: (subvolume: S) => boolean,
): S[] {
  if (isMounted(target)) return [];
  return subvolumes.filter(
    (one) =>
      !one.isReadOnly &&
      isMounted(one) &&
      placeBefore(one.path) === one.path &&
      descends(one, target, subvolumes),
  );
}

/** Whether it was made of `origin`, of a snapshot of that, or of one that was. */
function descends<S extends Standing>(
  { parentUuid }: S,
  origin: S,
  subvolumes: readonly S[],
): boolean {
  const seen = new Set<string>();
  for (let uuid = parentUuid; uuid !== '' && !seen.has(uuid);) {
    if (uuid === origin.uuid) return true;
    seen.add(uuid);
    uuid = subvolumes.find((one) => one.uuid === uuid)?.parentUuid ?? '';
  }
  return false;
}
