import { eq } from 'drizzle-orm';
import type { Db } from './history.ts';
import { runRequests } from './schema.ts';

/** A call of the contract that began a run, with its input: no key, no passphrase. */
export interface RunRequest {
  readonly call: string;
  readonly input: unknown;
}

/** What each run was asked for, as far as it can be asked for again; gone together with its run. */
export class RunRequestHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  record(runId: string, request: RunRequest): void {
    this.#db.insert(runRequests).values({ runId, request }).run();
  }

  find(runId: string): RunRequest | undefined {
    return this.#db.select().from(runRequests).where(eq(runRequests.runId, runId)).get()?.request;
  }
}
