import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { CallOutput } from '../../../shared/contract/calls.ts';
import type { DendroError } from '../../../shared/errors.ts';
import type { DirectoryEntry, EntryRef } from '../../../shared/model/entry.ts';
import { useConnection } from '../../bridge/queries.ts';

/** Rows a call; a folder of 200,000 entries is read where the eye is, not from end to end. */
const PAGE_ROWS = 1_000;

type Listing = CallOutput<'directory.list'>;

export interface Directory {
  readonly total: number | undefined;
  readonly error: DendroError | null;
  row(index: number): DirectoryEntry | undefined;
  setRange(first: number, last: number): void;
  /** Index of the first entry, from `after` on and around, whose name starts so. */
  find(start: string, after: number): number | undefined;
}

/** A folder of a snapshot, its pages fetched as they come into view. */
export function useDirectory(ref: EntryRef): Directory {
  const connection = useConnection();
  const queries = useQueryClient();
  const { volumeId, subvolumeId, path } = ref;
  const [range, setShown] = useState({ first: 0, last: 0 });
  const key = useCallback(
    (page: number) =>
      [
        'directory.list',
        { volumeId, subvolumeId, path, offset: page * PAGE_ROWS, limit: PAGE_ROWS },
      ] as const,
    [volumeId, subvolumeId, path],
  );
  const pages = [...new Set([0, range.first, range.last])];
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: key(page),
      queryFn: (): Promise<Listing> => connection.call(...key(page)),
      // A snapshot does not change.
      staleTime: Infinity,
    })),
  });
  // Read from the results, so that this is drawn again when a page arrives; pages that were
  // left behind are still in the cache.
  const inView = new Map(pages.map((page, i) => [page, results[i]?.data]));
  const known = (page: number): Listing | undefined =>
    inView.get(page) ?? queries.getQueryData<Listing>(key(page));
  const row = (index: number): DirectoryEntry | undefined =>
    known(Math.floor(index / PAGE_ROWS))?.entries[index % PAGE_ROWS];
  const total = known(0)?.total;
  return {
    total,
    error: (results.find((result) => result.error)?.error ?? null) as DendroError | null,
    row,
    setRange: useCallback((first: number, last: number) => {
      const next = { first: Math.floor(first / PAGE_ROWS), last: Math.floor(last / PAGE_ROWS) };
      setShown((now) => (now.first === next.first && now.last === next.last ? now : next));
    }, []),
    find: (start, after) => {
      for (let step = 1; step <= (total ?? 0); step++) {
        const index = (after + step) % total!;
        if (row(index)?.name.toLowerCase().startsWith(start)) return index;
      }
      return undefined;
    },
  };
}
