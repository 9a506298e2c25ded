import { gt, sql } from 'drizzle-orm';
import type { Db } from './history.ts';
import { pointChanges } from './schema.ts';

/** The number of the newest change of a restore point, by whatever process; 0: none yet. */
export function newestChange(db: Db): number {
  const newest = sql<number | null>`(SELECT max(seq) FROM point_changes)`;
  return db.get<{ seq: number | null }>(sql`SELECT ${newest} AS seq`).seq ?? 0;
}

/**
 * The ids of points that have changed, come or gone after that number. Undefined when there are
 * more than `most`, or the log does not go back so far.
 */
export function changedSince(db: Db, since: number, most: number): string[] | undefined {
  const first = sql`(SELECT min(seq) FROM point_changes)`;
  const { oldest } = db.get<{ oldest: number | null }>(sql`SELECT ${first} AS oldest`);
  if (oldest === null) return since === 0 ? [] : undefined;
  if (oldest > since + 1) return undefined;
  const { pointId, seq } = pointChanges;
  // A point is named once for itself, and once for each copy.
  const rows = db
    .select({ pointId })
    .from(pointChanges)
    .where(gt(seq, since))
    .limit(4 * most + 1)
    .all();
  const ids = new Set(rows.map((row) => row.pointId));
  return rows.length > 4 * most || ids.size > most ? undefined : [...ids];
}
