import { inArray } from 'drizzle-orm';
import type { Db } from './history.ts';
import { changedSince, newestChange } from './point-changes.ts';
import type { PointFacts } from './points.ts';
import { points } from './schema.ts';

/** More changed points than these are no shorter to read than all of them. */
const MOST_CHANGED = 500;

/**
 * What is known of each point. It is asked for with each volume and each archive that is looked at:
 * of 100,000 points it was read for a second each time.
 */
export class KnownPoints {
  readonly #db: Db;
  #known: Map<string, PointFacts> | undefined;
  #stamp = 0;

  constructor(db: Db) {
    this.#db = db;
  }

  /** As it is now: it goes on with what changes. */
  all(): ReadonlyMap<string, PointFacts> {
    const stamp = newestChange(this.#db);
    if (this.#known !== undefined && stamp === this.#stamp) return this.#known;
    const changed = this.#known && changedSince(this.#db, this.#stamp, MOST_CHANGED);
    if (changed === undefined) this.#known = new Map(this.#read());
    else {
      for (const id of changed) this.#known!.delete(id);
      for (const [id, facts] of this.#read(changed)) this.#known!.set(id, facts);
    }
    this.#stamp = stamp;
    return this.#known!;
  }

  #read(ids?: readonly string[]): [string, PointFacts][] {
    const { pointId, sourceUuid, name, takenAtMs } = points;
    const wanted = this.#db.select({ pointId, sourceUuid, name, takenAtMs }).from(points);
    const rows =
      ids === undefined ? wanted.values() : wanted.where(inArray(pointId, [...ids])).values();
    return rows.map((row) => {
      const [id, uuid, text, at] = row as [string, string | null, string, number];
      return [id, { pointId: id, sourceUuid: uuid, name: text, takenAtMs: at }];
    });
  }
}
