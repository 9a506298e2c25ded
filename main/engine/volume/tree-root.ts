/** Where a tree begins; snapshots and subvolumes are trees like the others. */
export interface TreeRoot {
  /** Special ids near 2^64 are small negatives. */
  readonly id: number;
  readonly logical: number;
  readonly level: number;
  readonly generation: number;
}

export function sameRoot(a: TreeRoot, b: TreeRoot): boolean {
  return a.logical === b.logical && a.generation === b.generation && a.level === b.level;
}
