import { asc, count, eq } from 'drizzle-orm';
import type { Db } from './history.ts';
import { runLog } from './schema.ts';

export interface LogLine {
  readonly atMs: number;
  readonly text: string;
}

/** Longer logs lose their end, never their beginning: what went wrong first is what matters. */
const MOST_LINES = 10_000;

/** What each run did, line by line; gone together with its run. */
export class RunLog {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  add(runId: string, line: LogLine): void {
    if (this.#total(runId) >= MOST_LINES) return;
    this.#db
      .insert(runLog)
      .values({ runId, ...line })
      .run();
  }

  /** The oldest first. */
  list(runId: string, offset: number, limit: number): { lines: LogLine[]; total: number } {
    const lines = this.#db
      .select({ atMs: runLog.atMs, text: runLog.text })
      .from(runLog)
      .where(eq(runLog.runId, runId))
      .orderBy(asc(runLog.atMs))
      .limit(limit)
      .offset(offset)
      .all();
    return { lines, total: this.#total(runId) };
  }

  #total(runId: string): number {
    const { total } = this.#db
      .select({ total: count() })
      .from(runLog)
      .where(eq(runLog.runId, runId))
      .get()!;
    return total;
  }
}
