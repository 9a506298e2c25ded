import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { CallInput, CallName, CallOutput } from '../../shared/contract/calls.ts';
import type { DendroError, ErrorData } from '../../shared/errors.ts';
import { nextThatFits, seekThatFits } from './next-that-fits.ts';
import { useConnection } from './queries.ts';

/** Rows of a list of any length, fetched where the eye is and not from end to end. */
export interface PagedRows<Row> {
  /** Undefined until the first page is here. */
  readonly total: number | undefined;
  readonly error: DendroError | null;
  /** Why there may be more than was found. */
  readonly problem: ErrorData | undefined;
  /** Undefined while the row is on its way. */
  row(index: number): Row | undefined;
  setRange(first: number, last: number): void;
  /** Index of the next row, after `after` and around, that is here and fits. */
  find(fits: (row: Row) => boolean, after: number): number | undefined;
  /** The same among all rows: what is not here is fetched, while it is wanted. */
  seek(
    fits: (row: Row) => boolean,
    after: number,
    isWanted: () => boolean,
  ): Promise<number | undefined>;
}

interface PagedOptions<N extends CallName, Row> {
  readonly call: N;
  /** The call's input for one page. */
  readonly input: (offset: number, limit: number) => CallInput<N>;
  readonly rows: (page: CallOutput<N>) => readonly Row[];
  /** How many there are in all; a page alone may tell, or it is known from elsewhere. */
  readonly total: (page: CallOutput<N>) => number;
  readonly problem?: (page: CallOutput<N>) => ErrorData | null | undefined;
  readonly pageRows?: number;
  readonly staleMs?: number;
}

/** Rows a call. */
const PAGE_ROWS = 1_000;

/** Pages of one call as they come into view. */
export function usePagedRows<N extends CallName, Row>(
  options: PagedOptions<N, Row>,
): PagedRows<Row> {
  // A snapshot, a stream and what a run has found do not change.
  const { call, input, rows, total, pageRows = PAGE_ROWS, staleMs = Infinity } = options;
  const connection = useConnection();
  const queries = useQueryClient();
  const [range, setShown] = useState({ first: 0, last: 0 });
  const key = (page: number): readonly [N, CallInput<N>] => [
    call,
    input(page * pageRows, pageRows),
  ];
  const pages = [...new Set([0, range.first, range.last])];
  const query = (page: number) => ({
    queryKey: key(page),
    queryFn: (): Promise<CallOutput<N>> => connection.call(...key(page)),
    staleTime: staleMs,
  });
  const results = useQueries({ queries: pages.map(query) });
  // Read from the results, so that this is drawn again when a page arrives; pages that were
  // left behind are still in the cache.
  const inView = new Map(pages.map((page, i) => [page, results[i]?.data]));
  const known = (page: number): CallOutput<N> | undefined =>
    (inView.get(page) ?? queries.getQueryData(key(page))) as CallOutput<N> | undefined;
  const row = (index: number): Row | undefined => {
    const page = known(Math.floor(index / pageRows));
    return page === undefined ? undefined : rows(page)[index % pageRows];
  };
  const first = known(0);
  const count = first === undefined ? undefined : total(first);
  return {
    total: count,
    problem: (first && options.problem?.(first)) ?? undefined,
    error: (results.find((result) => result.error)?.error ?? null) as DendroError | null,
    row,
    setRange: useCallback(
      (from: number, to: number) => {
        const next = { first: Math.floor(from / pageRows), last: Math.floor(to / pageRows) };
        setShown((now) => (now.first === next.first && now.last === next.last ? now : next));
      },
      [pageRows],
    ),
    find: (fits, after) => {
      const pageAt = (number: number): readonly Row[] | undefined => {
        const page = known(number);
        return page && rows(page);
      };
      return nextThatFits({ count: count ?? 0, pageRows, pageAt }, fits, after);
    },
    seek: (fits, after, isWanted) => {
      const pageAt = async (number: number): Promise<readonly Row[]> =>
        rows(await queries.fetchQuery(query(number)));
      return seekThatFits({ count: count ?? 0, pageRows, pageAt, isWanted }, fits, after);
    },
  };
}
