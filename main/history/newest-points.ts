import { sql, type SQL } from 'drizzle-orm';
import type { Db } from './history.ts';

/** Which points stand for a source of thousands. */
export interface SourceHeads {
  readonly sourceUuid: string;
  /** Points that are kept anywhere. */
  readonly count: number;
  /** Ids of the newest point at each place, in any order. */
  readonly ofPlaces: readonly string[];
}

/**
 * Found in the indexes alone: a source of thousands costs no more than a few of its rows.
 * @param nowMs what is dated later stands for a place only where there is nothing else
 */
export function readHeads(db: Db, nowMs: number): SourceHeads[] {
  const counts = db.values<[string, number]>(sql`
    SELECT source_uuid, count(*) FROM points p
    WHERE source_uuid IS NOT NULL AND ${IS_KEPT} GROUP BY source_uuid`);
  const ofPlaces = Map.groupBy(newestAtPlaces(db, nowMs), ([uuid]) => uuid);
  return counts.map(([uuid, count]) => {
    const ids = (ofPlaces.get(uuid) ?? []).map(([, id]) => id);
    return { sourceUuid: uuid, count, ofPlaces: [...new Set(ids)] };
  });
}

/**
 * The condition for a part of a source's points, the newest first: those that are kept anywhere.
 */
export function isOnPage(uuid: string, limit: number, offset: number): SQL {
  return sql`points.point_id IN (
    SELECT point_id FROM points p WHERE source_uuid = ${uuid} AND ${IS_KEPT}
    ORDER BY taken_at_ms DESC, point_id LIMIT ${limit} OFFSET ${offset})`;
}

/** More than any moment has milliseconds: what is less by it comes after all else. */
const AFTER_ALL = 2 ** 53;

const IS_KEPT = sql`EXISTS (SELECT 1 FROM point_copies c WHERE c.point_id = p.point_id)`;

/**
 * Source and point, a row for each place. The same volume may hold points beside their source, and
 * others that it received. SQLite takes the other columns from the row that holds the maximum.
 */
function newestAtPlaces(db: Db, nowMs: number): [string, string, number][] {
  return db.values<[string, string, number]>(sql`
    SELECT p.source_uuid, p.point_id,
      max(CASE WHEN p.taken_at_ms <= ${nowMs} THEN p.taken_at_ms ELSE p.taken_at_ms - ${AFTER_ALL} END)
    FROM points p CROSS JOIN point_copies c ON c.point_id = p.point_id
    WHERE p.source_uuid IS NOT NULL GROUP BY p.source_uuid, c.volume_id, c.place`);
}
