import type { CatalogueDb } from './database.ts';

const DELETE_ROWS = 200_000;

/**
 * Forgets points that are nowhere any more, and what was only in them. The rest stays found.
 *
 * @param kept ids of the points that are still somewhere
 * @returns how many points were forgotten
 */
export function compact(db: CatalogueDb, kept: ReadonlySet<string>): number {
  const all = db.prepare('SELECT point_id FROM points').pluck().all() as string[];
  const gone = all.filter((pointId) => !kept.has(pointId));
  if (gone.length === 0) return 0;
  db.transaction(() => {
    const drop = db.prepare('DELETE FROM points WHERE point_id = ?');
    for (const pointId of gone) drop.run(pointId);
    dropUnseen(db);
  })();
  db.pragma('incremental_vacuum');
  return gone.length;
}

/**
 * Keeps the file below a size: the oldest points go first, one of each line always stays.
 */
export function bound(db: CatalogueDb, limitBytes: number): void {
  while (sizeOf(db) > limitBytes) {
    const oldest = db
      .prepare(
        `SELECT p.point_id FROM points p
         WHERE p.seq < (SELECT max(seq) FROM points q WHERE q.line = p.line)
         ORDER BY p.taken_at_ms LIMIT 20`,
      )
      .pluck()
      .all() as string[];
    if (oldest.length === 0) return;
    const kept = new Set(db.prepare('SELECT point_id FROM points').pluck().all() as string[]);
    for (const pointId of oldest) kept.delete(pointId);
    compact(db, kept);
  }
}

export function sizeOf(db: CatalogueDb): number {
  const pages = db.pragma('page_count', { simple: true }) as number;
  const free = db.pragma('freelist_count', { simple: true }) as number;
  return (pages - free) * (db.pragma('page_size', { simple: true }) as number);
}

function dropUnseen(db: CatalogueDb): void {
  for (const table of ['versions', 'links']) {
    db.prepare(
      `DELETE FROM ${table} WHERE NOT EXISTS (
         SELECT 1 FROM points p
         WHERE p.line = ${table}.line AND p.seq BETWEEN ${table}.first AND ${table}.last)`,
    ).run();
  }
  const unused = db.prepare(
    `SELECT name_id FROM names n
     WHERE NOT EXISTS (SELECT 1 FROM links l WHERE l.name_id = n.name_id) LIMIT ${DELETE_ROWS}`,
  );
  const drop = db.prepare('DELETE FROM names WHERE name_id = ?');
  const dropIndexed = db.prepare('DELETE FROM name_index WHERE rowid = ?');
  for (;;) {
    const ids = unused.pluck().all() as number[];
    for (const id of ids) {
      dropIndexed.run(id);
      drop.run(id);
    }
    if (ids.length < DELETE_ROWS) return;
  }
}
