import type { FileStatus } from '../../linux/files.ts';
import type { Range } from './data-ranges.ts';
import type { Memo } from './memo.ts';

/** What is shorter is read in the time that it takes to look it up. */
export const LEAST_HOLE = 16 << 20;
/** Of one file: all of them are written down again with each further one. */
const MOST_HOLES = 1000;
/** Where modification lies in `btrfs_inode_item`'s times. */
const MODIFIED_AT = 24;
/** FAT's times are even seconds. */
const SAME_SECONDS = 2;

/** With a hole that begins at the file's end, as the file is made longer without data. */
export function withHole(holes: readonly Range[], hole: Range): readonly Range[] {
  const before = withoutRange(holes, hole.at, Infinity);
  return before.length < MOST_HOLES ? [...before, hole] : before;
}

/** Without what is data from now on. One that is cut in two may be one too many. */
export function withoutRange(holes: readonly Range[], from: number, to: number): readonly Range[] {
  const left = holes.flatMap(({ at, length }) => {
    const end = at + length;
    if (to <= at || from >= end) return [{ at, length }];
    return [
      { at, length: from - at },
      { at: to, length: end - to },
    ].filter((rest) => rest.length >= LEAST_HOLE);
  });
  if (left.length <= MOST_HOLES) return left;
  const shortest = Math.min(...left.map(({ length }) => length));
  const dropped = left.findIndex(({ length }) => length === shortest);
  return left.toSpliced(dropped, 1);
}

/** What lies between the holes. */
export function* betweenHoles(
  holes: readonly Range[],
  at: number,
  end: number,
): Generator<Range, void> {
  let from = at;
  for (const hole of holes) {
    if (hole.at >= end) break;
    if (hole.at > from) yield { at: from, length: hole.at - from };
    from = Math.max(from, hole.at + hole.length);
  }
  if (from < end) yield { at: from, length: end - from };
}

/** None of a file that was changed since: whoever did that gave it another time. */
export function trustedHoles(memo: Memo | undefined, { modified }: FileStatus): readonly Range[] {
  const { holes, times } = memo ?? {};
  if (holes === undefined || times === undefined) return [];
  const difference =
    Number(Buffer.from(times, 'hex').readBigInt64LE(MODIFIED_AT)) - modified.seconds;
  return Math.abs(difference) <= SAME_SECONDS ? holes : [];
}
