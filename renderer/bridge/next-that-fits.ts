interface Pages<Row> {
  readonly count: number;
  readonly pageRows: number;
  /** Undefined where it is not here. */
  readonly pageAt: (number: number) => readonly Row[] | undefined;
}

/** Index of the next row, after `after` and around; a page that is not here costs one look. */
export function nextThatFits<Row>(
  { count, pageRows, pageAt }: Pages<Row>,
  fits: (row: Row) => boolean,
  after: number,
): number | undefined {
  const pageCount = Math.ceil(count / pageRows);
  const begin = after + 1 < count ? after + 1 : 0;
  const beginPage = Math.floor(begin / pageRows);
  for (let step = 0; step <= pageCount; step++) {
    const number = (beginPage + step) % pageCount;
    const firstIndex = number * pageRows;
    // The page that it begins in comes twice: what follows first, what is before it last.
    const isTurn = (i: number): boolean =>
      number !== beginPage || firstIndex + i >= begin === (step === 0);
    const found = pageAt(number)?.findIndex((row, i) => isTurn(i) && fits(row)) ?? -1;
    if (found >= 0) return firstIndex + found;
  }
  return undefined;
}
