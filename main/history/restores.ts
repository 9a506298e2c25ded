import { eq } from 'drizzle-orm';
import type { Db } from './history.ts';
import { restoredItems } from './schema.ts';

export interface RestoredItem {
  readonly path: string;
  readonly fingerprint: string;
}

/** What each restore made, so that it can be undone. */
export class RestoreHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  record(runId: string, items: readonly RestoredItem[]): void {
    for (const item of items) {
      this.#db
        .insert(restoredItems)
        .values({ runId, ...item })
        .run();
    }
  }

  items(runId: string): RestoredItem[] {
    return this.#db
      .select({ path: restoredItems.path, fingerprint: restoredItems.fingerprint })
      .from(restoredItems)
      .where(eq(restoredItems.runId, runId))
      .all();
  }

  forget(runId: string): void {
    this.#db.delete(restoredItems).where(eq(restoredItems.runId, runId)).run();
  }
}
