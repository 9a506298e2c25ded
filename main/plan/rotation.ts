/** A drive of a plan that backs up to several in rotation. */
export interface Candidate {
  readonly driveId: string;
  readonly present: boolean;
  /** When its newest point was taken; null when it has none. */
  readonly newestPointMs: number | null;
}

/** The drives that are here, the one that is farthest behind first; drives without a point lead. */
export function rotation<T extends Candidate>(candidates: readonly T[]): T[] {
  const age = ({ newestPointMs }: T): number => newestPointMs ?? Number.NEGATIVE_INFINITY;
  return candidates
    .filter(({ present }) => present)
    .sort((a, b) => (age(a) < age(b) ? -1 : age(a) > age(b) ? 1 : 0));
}
