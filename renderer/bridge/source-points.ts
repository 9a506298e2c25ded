import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import type { CallInput } from '../../shared/contract/calls.ts';
import type { DendroError } from '../../shared/errors.ts';
import type { RestorePoint, Source } from '../../shared/model/subvolume.ts';
import { useConnection } from './queries.ts';

/** Points a call: each is answered in the blink of an eye, whatever the source holds. */
const PART = 1_000;

interface SourcePoints {
  /** Newest first, as far as they are here; undefined until the first are. */
  readonly points: RestorePoint[] | undefined;
  readonly isWhole: boolean;
  readonly error: DendroError | null;
  retry(): void;
}

/** All points of one source: the newest are shown while the older ones are on their way. */
export function useSourcePoints(source: Source | undefined): SourcePoints {
  const connection = useConnection();
  return useQueries({
    queries: partsOf(source).map((input) => ({
      queryKey: ['points.list', input],
      queryFn: (): Promise<RestorePoint[]> => connection.call('points.list', input),
    })),
    combine: joined,
  });
}

function partsOf(source: Source | undefined): CallInput<'points.list'>[] {
  if (!source) return [];
  const { volumeId, subvolumeId, pointCount } = source;
  return Array.from({ length: Math.ceil(pointCount / PART) }, (_, i) => ({
    source: { volumeId, subvolumeId },
    ...{ limit: PART, offset: i * PART },
  }));
}

/** Up to the first part that is not here. While parts are asked for again, a point may be in two. */
function joined(parts: UseQueryResult<RestorePoint[]>[]): SourcePoints {
  const missing = parts.findIndex(({ data }) => data === undefined);
  const here = missing < 0 ? parts : parts.slice(0, missing);
  const points = new Map(here.flatMap(({ data }) => data!.map((point) => [point.pointId, point])));
  return {
    points: here.length === 0 ? undefined : [...points.values()],
    isWhole: missing < 0,
    error: (parts.find(({ error }) => error)?.error ?? null) as DendroError | null,
    retry: () => parts.forEach((part) => void part.refetch()),
  };
}
