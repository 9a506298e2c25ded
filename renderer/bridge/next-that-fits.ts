interface Pages {
  readonly count: number;
  readonly pageRows: number;
}

interface PagesHere<Row> extends Pages {
  /** Undefined where it is not here. */
  readonly pageAt: (number: number) => readonly Row[] | undefined;
}

interface PagesToCome<Row> extends Pages {
  readonly pageAt: (number: number) => Promise<readonly Row[]>;
  /** False: nobody waits for it any more. */
  readonly isWanted: () => boolean;
}

/** Index of the next row, after `after` and around; a page that is not here costs one look. */
export function nextThatFits<Row>(
  pages: PagesHere<Row>,
  fits: (row: Row) => boolean,
  after: number,
): number | undefined {
  for (const { number, isTurn } of turns(pages, after)) {
    const found = pages.pageAt(number)?.findIndex((row, i) => isTurn(i) && fits(row)) ?? -1;
    if (found >= 0) return number * pages.pageRows + found;
  }
  return undefined;
}

/** The same where every page is waited for, one after another. */
export async function seekThatFits<Row>(
  pages: PagesToCome<Row>,
  fits: (row: Row) => boolean,
  after: number,
): Promise<number | undefined> {
  for (const { number, isTurn } of turns(pages, after)) {
    const page = await pages.pageAt(number);
    if (!pages.isWanted()) return undefined;
    const found = page.findIndex((row, i) => isTurn(i) && fits(row));
    if (found >= 0) return number * pages.pageRows + found;
  }
  return undefined;
}

interface Turn {
  readonly number: number;
  /** Whether a row of the page is looked at now. */
  readonly isTurn: (i: number) => boolean;
}

/** The page that it begins in comes twice: what follows first, what is before it last. */
function* turns({ count, pageRows }: Pages, after: number): Generator<Turn> {
  const pageCount = Math.ceil(count / pageRows);
  if (pageCount === 0) return;
  const begin = after + 1 < count ? after + 1 : 0;
  const beginPage = Math.floor(begin / pageRows);
  for (let step = 0; step <= pageCount; step++) {
    const number = (beginPage + step) % pageCount;
    const firstIndex = number * pageRows;
    yield {
      number,
      isTurn: (i) => number !== beginPage || firstIndex + i >= begin === (step === 0),
    };
  }
}
