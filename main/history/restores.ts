import { asc, eq } from 'drizzle-orm';
import type { Db } from './history.ts';
import { restoredFolders, restoredItems } from './schema.ts';

export interface RestoredItem {
  readonly path: string;
  readonly fingerprint: string;
  /** Where what stood there before is now. */
  readonly kept: string | null;
}

/** What each restore made, so that it can be undone. */
export interface Restored {
  readonly items: readonly RestoredItem[];
  /** The topmost first. */
  readonly madeFolders: readonly string[];
}

export class RestoreHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  record(runId: string, { items, madeFolders }: Restored): void {
    this.#db.transaction((db) => {
      for (const { path, fingerprint, kept } of items) {
        db.insert(restoredItems).values({ runId, path, fingerprint, kept }).run();
      }
      for (const [position, path] of madeFolders.entries()) {
        db.insert(restoredFolders).values({ runId, position, path }).run();
      }
    });
  }

  /** Undefined when there is nothing to undo. */
  of(runId: string): Restored | undefined {
    const { path, fingerprint, kept } = restoredItems;
    const items = this.#db
      .select({ path, fingerprint, kept })
      .from(restoredItems)
      .where(eq(restoredItems.runId, runId))
      .all();
    if (items.length === 0) return undefined;
    const folders = this.#db
      .select({ path: restoredFolders.path })
      .from(restoredFolders)
      .where(eq(restoredFolders.runId, runId))
      .orderBy(asc(restoredFolders.position))
      .all();
    return { items, madeFolders: folders.map((folder) => folder.path) };
  }

  forget(runId: string): void {
    this.#db.transaction((db) => {
      db.delete(restoredItems).where(eq(restoredItems.runId, runId)).run();
      db.delete(restoredFolders).where(eq(restoredFolders.runId, runId)).run();
    });
  }
}
