import { say, type Said } from '../../shared/said.ts';

/** Longer than any name here: no word of that length is a slip of the finger. */
const LONGEST = 40;

/**
 * The name that was most likely meant: the first of those that the fewest slips lead to, and at most
 * one for every three letters. A slip is a letter too many, one that is missing, another one, or two
 * that changed places (optimal string alignment).
 */
export function nearest(given: string, names: Iterable<string>): string | undefined {
  if (given.length > LONGEST) return undefined;
  let best: string | undefined;
  let fewest = Math.floor(given.length / 3) + 1;
  for (const name of names) {
    const slips = slipsBetween(given.toLowerCase(), name.toLowerCase());
    if (slips < fewest) [best, fewest] = [name, slips];
  }
  return best;
}

/** A hint: the name that was meant where one is near, and where all of them stand. */
export function didYouMean(
  given: string,
  names: Iterable<string>,
  { before = '', otherwise }: { readonly before?: string; readonly otherwise: string | Said },
): Said | string {
  const meant = nearest(given, names);
  return meant === undefined
    ? otherwise
    : say`Did you mean ${{ meant: before + meant }}? ${otherwise}`;
}

function slipsBetween(a: string, b: string): number {
  let [beforeLast, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1;
      const crossed = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        last![j]! + 1,
        row[j - 1]! + 1,
        last![j - 1]! + other,
        crossed ? beforeLast![j - 2]! + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return last![b.length]!;
}
