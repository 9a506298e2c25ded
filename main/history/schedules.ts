import { asc, eq } from 'drizzle-orm';
import { conflict } from '../../shared/errors.ts';
import type { ScheduleDraft } from '../../shared/model/schedule.ts';
import type { Db } from './history.ts';
import { schedules } from './schema.ts';

export interface ScheduleRow {
  readonly scheduleId: string;
  readonly draft: ScheduleDraft;
  readonly createdAtMs: number;
  readonly lastRunId: string | null;
  readonly lastRunAtMs: number | null;
}

/** Schedules as they were saved, and when each last ran. */
export class ScheduleHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  list(): ScheduleRow[] {
    return this.#db.select().from(schedules).orderBy(asc(schedules.createdAtMs)).all();
  }

  /** @throws Conflict 'schedule-unknown' */
  get(scheduleId: string): ScheduleRow {
    const row = this.#db.select().from(schedules).where(eq(schedules.scheduleId, scheduleId)).get();
    if (!row) throw unknown(scheduleId);
    return row;
  }

  create(scheduleId: string, draft: ScheduleDraft, createdAtMs: number): void {
    this.#db
      .insert(schedules)
      .values({ scheduleId, draft, enabled: draft.enabled, createdAtMs })
      .run();
  }

  /** @throws Conflict 'schedule-unknown' */
  update(scheduleId: string, draft: ScheduleDraft): void {
    const set = { draft, enabled: draft.enabled };
    const { changes } = this.#db
      .update(schedules)
      .set(set)
      .where(eq(schedules.scheduleId, scheduleId))
      .run();
    if (changes === 0) throw unknown(scheduleId);
  }

  delete(scheduleId: string): void {
    this.#db.delete(schedules).where(eq(schedules.scheduleId, scheduleId)).run();
  }

  ran(scheduleId: string, lastRunId: string, lastRunAtMs: number): void {
    this.#db
      .update(schedules)
      .set({ lastRunId, lastRunAtMs })
      .where(eq(schedules.scheduleId, scheduleId))
      .run();
  }
}

function unknown(scheduleId: string): Error {
  return conflict('schedule-unknown', `There is no schedule ${scheduleId}.`, {
    hint: 'It may have been deleted meanwhile; list the schedules again.',
  });
}
