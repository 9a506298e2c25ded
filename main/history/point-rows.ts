import { eq, inArray, isNull, type SQL } from 'drizzle-orm';
import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Db } from './history.ts';
import { isOnPage } from './newest-points.ts';
import { pointCopies, points } from './schema.ts';

/** SQLite takes so many values in one statement. */
const MOST_IDS = 500;

export type Copy = Omit<RestorePoint['copies'][number], 'volumeName' | 'present'>;

/** A point as it is recorded, with its copies in any order. */
export interface Known {
  readonly point: Omit<RestorePoint, 'copies'>;
  readonly copies: Copy[];
}

/** Which points: all, those of a source (null: of none that is known), a part of them, or these. */
export type Wanted =
  | 'all'
  | { readonly sourceUuid: string | null }
  | { readonly ids: readonly string[] }
  | { readonly page: PageOfSource };

/** The newest first. */
export interface PageOfSource {
  readonly uuid: string;
  readonly limit: number;
  readonly offset: number;
}

/** Reads points with their copies, in indexes where not all are wanted. */
export function readPoints(db: Db, wanted: Wanted): Iterable<Known> {
  const found = new Map<string, Known>();
  for (const where of conditions(wanted)) {
    // Rows as they are: tens of thousands of objects with names would be made twice.
    const rows = db.select(POINT_COLUMNS).from(points).where(where).values();
    for (const row of rows) found.set(row[0] as string, { point: pointOf(row), copies: [] });
    for (const [pointId, ...copy] of copyRows(db, where)) {
      found.get(pointId as string)?.copies.push(copyOf(copy));
    }
  }
  return found.values();
}

/** The sources that have points, and null when there are points of none. */
export function sourceUuids(db: Db): (string | null)[] {
  const rows = db.selectDistinct({ uuid: points.sourceUuid }).from(points).all();
  return rows.map(({ uuid }) => uuid);
}

/** The copies of the points that hold `where`. */
function copyRows(db: Db, where: SQL | undefined): unknown[][] {
  const copies = db.select(COPY_COLUMNS).from(pointCopies);
  if (where === undefined) return copies.values();
  return copies.innerJoin(points, eq(points.pointId, pointCopies.pointId)).where(where).values();
}

function* conditions(wanted: Wanted): Generator<SQL | undefined> {
  if (wanted === 'all') yield undefined;
  else if ('page' in wanted) {
    const { uuid, limit, offset } = wanted.page;
    yield isOnPage(uuid, limit, offset);
  } else if ('ids' in wanted) {
    for (let i = 0; i < wanted.ids.length; i += MOST_IDS) {
      yield inArray(points.pointId, wanted.ids.slice(i, i + MOST_IDS));
    }
  } else {
    const { sourceUuid } = wanted;
    yield sourceUuid === null ? isNull(points.sourceUuid) : eq(points.sourceUuid, sourceUuid);
  }
}

const POINT_COLUMNS = {
  ...{ pointId: points.pointId, sourceUuid: points.sourceUuid, name: points.name },
  ...{ takenAtMs: points.takenAtMs, runId: points.runId, bytes: points.bytes, files: points.files },
  ...{ parentPointId: points.parentPointId, tag: points.tag },
};
const COPY_COLUMNS = {
  ...{ pointId: pointCopies.pointId, volumeId: pointCopies.volumeId },
  ...{ subvolumeId: pointCopies.subvolumeId, path: pointCopies.path },
  ...{ place: pointCopies.place, excludes: pointCopies.excludes },
};

/** A row of `POINT_COLUMNS`. */
function pointOf(row: unknown[]): Known['point'] {
  const [pointId, sourceUuid, name, takenAtMs, runId, bytes, files, parentPointId, tag] = row as [
    ...[string, string | null, string, number, string | null, number | null, number | null],
    ...[string | null, string | null],
  ];
  const backup =
    runId === null ? null : { runId, bytes: bytes ?? 0, files: files ?? 0, parentPointId };
  const kept = tag === null ? {} : { tag };
  return { pointId, sourceUuid, name, takenAtMs, ...kept, backup };
}

/** A row of `COPY_COLUMNS` without its first. */
function copyOf(row: unknown[]): Copy {
  const [volumeId, subvolumeId, path, place, excludes] = row as [
    ...[string, number, string, 'local' | 'drive', string | null],
  ];
  const without = excludes === null ? {} : { excludes: JSON.parse(excludes) as string[] };
  return { volumeId, subvolumeId, path, place, ...without };
}
