import { and, inArray, count, desc, eq, gte, lt, lte, ne, or, sql, type SQL } from 'drizzle-orm';
import { conflict } from '../../shared/errors.ts';
import { say, textOf } from '../../shared/said.ts';
import type { Run, RunKind, RunState } from '../../shared/model/run.ts';
import type { Db } from './history.ts';
import { runRequests, runs } from './schema.ts';

export interface RunQuery {
  readonly state?: RunState | undefined;
  readonly kind?: RunKind | undefined;
  readonly afterMs?: number | undefined;
  readonly beforeMs?: number | undefined;
  /** Part of the title; case does not matter. */
  readonly text?: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** A call of the contract that began a run, with its input: no key, no passphrase. */
export interface RunRequest {
  readonly call: string;
  readonly input: unknown;
}

/** By when they were recorded: the clock may have been wrong, and put right since. */
const PLACE = sql<number>`${runs}.rowid`;
const LAST_BEGUN_FIRST = desc(PLACE);

/** The record of runs. A row is written when a run begins, and again as it goes on. */
export class RunHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** `owner` names the process that carries the run out; `request` is kept as long as the run. */
  begin(run: Run, owner: string, request?: RunRequest): void {
    this.#db.transaction((tx) => {
      tx.insert(runs)
        .values({ ...asRow(run), owner, seenAtMs: run.startedAtMs })
        .run();
      if (request) tx.insert(runRequests).values({ runId: run.runId, request }).run();
    });
  }

  /** What it was asked for, where that can be asked for again. */
  requestOf(runId: string): RunRequest | undefined {
    return this.#db.select().from(runRequests).where(eq(runRequests.runId, runId)).get()?.request;
  }

  /** Records how far it is now, or how it ended. */
  update(run: Run, nowMs: number): void {
    const row = { ...asRow(run), seenAtMs: nowMs };
    this.#db.update(runs).set(row).where(eq(runs.runId, run.runId)).run();
  }

  /** Undefined when it is not, or no longer, in the history. */
  find(runId: string): Run | undefined {
    const row = this.#db.select().from(runs).where(eq(runs.runId, runId)).get();
    return row && asRun(row);
  }

  /** @throws Conflict 'run-unknown' */
  get(runId: string): Run {
    const row = this.#db.select().from(runs).where(eq(runs.runId, runId)).get();
    if (!row) {
      throw conflict('run-unknown', say`There is no run ${{ runId }} in the history.`, {
        hint: 'List the runs with: dendro history',
      });
    }
    return asRun(row);
  }

  /** Those whose id is this text, or begins with it; newest first. */
  beginning(text: string): Run[] {
    const rows = this.#db
      .select()
      .from(runs)
      .where(eq(sql`substr(${runs.runId}, 1, ${text.length})`, text))
      .orderBy(LAST_BEGUN_FIRST)
      .all();
    return rows.map(asRun);
  }

  /** Newest first. */
  list(query: RunQuery): { runs: Run[]; total: number } {
    const where = and(...conditions(query));
    // Whole rows are large: only those of the page are read.
    const page = this.#db
      .select({ runId: runs.runId })
      .from(runs)
      .where(where)
      .orderBy(LAST_BEGUN_FIRST)
      .limit(query.limit)
      .offset(query.offset);
    const rows = this.#db
      .select()
      .from(runs)
      .where(inArray(runs.runId, page))
      .orderBy(LAST_BEGUN_FIRST)
      .all();
    const total = this.#db.select({ total: count() }).from(runs).where(where).get()!.total;
    return { runs: rows.map(asRun), total };
  }

  /**
   * Forgets runs that ended before `beforeMs`, and the oldest beyond `most`, with their logs;
   * never one that runs. Returns how many.
   */
  trim(beforeMs: number, most: number): number {
    const firstTooMany = this.#db
      .select({ place: PLACE })
      .from(runs)
      .orderBy(LAST_BEGUN_FIRST)
      .limit(1)
      .offset(most)
      .get();
    const isTooMany = firstTooMany && lte(PLACE, firstTooMany.place);
    const isOld = and(or(lt(runs.startedAtMs, beforeMs), isTooMany), ne(runs.state, 'running'));
    return this.#db.delete(runs).where(isOld).run().changes;
  }

  /**
   * Marks as interrupted what says 'running' but whose process is gone: after kill -9, a
   * crash, a power cut. It ended when it last said something. Returns how many.
   */
  markInterrupted(isAlive: (owner: string) => boolean, nowMs: number): number {
    const running = this.#db.select().from(runs).where(eq(runs.state, 'running')).all();
    const gone = running.filter((row) => !isAlive(row.owner));
    for (const row of gone) {
      const endedAtMs = Math.max(row.startedAtMs, row.seenAtMs ?? nowMs);
      this.update(interrupted(asRun(row), endedAtMs), nowMs);
    }
    return gone.length;
  }
}

function conditions({ state, kind, afterMs, beforeMs, text }: RunQuery): (SQL | undefined)[] {
  return [
    state && eq(runs.state, state),
    kind && eq(runs.kind, kind),
    afterMs === undefined ? undefined : gte(runs.startedAtMs, afterMs),
    beforeMs === undefined ? undefined : lt(runs.startedAtMs, beforeMs),
    text === undefined || text === ''
      ? undefined
      : sql`instr(lower(${runs.title}), lower(${text})) > 0`,
  ];
}

function asRow(run: Run): Omit<typeof runs.$inferSelect, 'owner' | 'seenAtMs'> {
  const { title } = run;
  return { ...run, title: textOf(title), titleNote: typeof title === 'string' ? null : title };
}

function asRun({ titleNote, title, ...row }: typeof runs.$inferSelect): Run {
  const run: Run & { owner?: string; seenAtMs?: number | null } = {
    ...row,
    title: titleNote ?? title,
  };
  delete run.owner;
  delete run.seenAtMs;
  return run;
}

function interrupted(run: Run, endedAtMs: number): Run {
  return {
    ...run,
    state: 'interrupted',
    endedAtMs,
    progress: { ...run.progress, bytesPerSecond: 0, etaMs: null },
    steps: run.steps.map((step) =>
      step.state === 'running' ? { ...step, state: 'failed', endedAtMs } : step,
    ),
    error: {
      kind: 'Io',
      code: 'run-interrupted',
      message: 'Dendro ended while this was under way.',
      hint: 'Start it again.',
      place: {},
    },
  };
}
