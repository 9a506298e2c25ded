import type { CatalogueDb } from './database.ts';

/** A restore point to take in. */
export interface PointFacts {
  readonly pointId: string;
  readonly sourceUuid: string;
  readonly sourceName: string;
  readonly volumeId: string;
  readonly takenAtMs: number;
}

export interface LineRow {
  readonly line: number;
  readonly newestSeq: number;
  readonly newestMs: number;
  readonly newestPointId: string | null;
}

/** The lines, and what each has taken in. */
export class Lines {
  readonly #db: CatalogueDb;

  constructor(db: CatalogueDb) {
    this.#db = db;
  }

  /** The line of a point's source on its volume, made when it is new. */
  lineOf({ sourceUuid, sourceName, volumeId }: PointFacts): LineRow {
    this.#db
      .prepare(
        `INSERT INTO lines (source_uuid, source_name, volume_id) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET source_name = excluded.source_name`,
      )
      .run(sourceUuid, sourceName, volumeId);
    return this.#db
      .prepare(
        `SELECT l.line, coalesce(p.seq, 0) AS newestSeq, coalesce(p.taken_at_ms, 0) AS newestMs,
                p.point_id AS newestPointId
         FROM lines l LEFT JOIN points p ON p.line = l.line
         WHERE l.source_uuid = ? AND l.volume_id = ? ORDER BY p.seq DESC LIMIT 1`,
      )
      .get(sourceUuid, volumeId) as LineRow;
  }

  /**
   * Points of a source may have been taken in as those of another, which stood in its place before
   * a rollback: its lines become the source's own, on whatever volumes they are.
   */
  adopt(all: readonly PointFacts[]): void {
    const before = this.#db.prepare(
      `SELECT DISTINCT l.source_uuid FROM points p JOIN lines l ON l.line = p.line
       WHERE p.point_id = ? AND l.source_uuid <> ?`,
    );
    const rename = this.#db.prepare(
      'UPDATE OR IGNORE lines SET source_uuid = ? WHERE source_uuid = ?',
    );
    for (const { pointId, sourceUuid } of all) {
      const former = before.pluck().get(pointId, sourceUuid) as string | undefined;
      if (former !== undefined) rename.run(sourceUuid, former);
    }
  }

  has(pointId: string): boolean {
    return this.#db.prepare('SELECT 1 FROM points WHERE point_id = ?').get(pointId) !== undefined;
  }

  isOff(sourceUuid: string): boolean {
    return (
      this.#db.prepare('SELECT 1 FROM off WHERE source_uuid = ?').get(sourceUuid) !== undefined
    );
  }

  /** Switched off, all that is known of the source is forgotten. */
  setOff(sourceUuid: string, isOff: boolean): void {
    this.#db.transaction(() => {
      if (!isOff) this.#db.prepare('DELETE FROM off WHERE source_uuid = ?').run(sourceUuid);
      else {
        this.#db.prepare('INSERT OR IGNORE INTO off VALUES (?)').run(sourceUuid);
        this.#forget('source_uuid = ?', sourceUuid);
      }
    })();
  }

  /** All of a source, to be taken in again from the volumes; of every source when left out. */
  forget(sourceUuid?: string): void {
    this.#db.transaction(() => {
      if (sourceUuid === undefined) this.#forget('1');
      else this.#forget('source_uuid = ?', sourceUuid);
    })();
  }

  #forget(where: string, ...values: string[]): void {
    const lines = `(SELECT line FROM lines WHERE ${where})`;
    for (const table of ['versions', 'links', 'points', 'lines']) {
      this.#db.prepare(`DELETE FROM ${table} WHERE line IN ${lines}`).run(...values);
    }
  }
}
