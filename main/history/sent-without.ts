import { eq } from 'drizzle-orm';
import type { Db } from './history.ts';
import { sentWithout } from './schema.ts';

/** A form in which a point was sent: without some paths it is received as another uuid. */
export interface SentForm {
  readonly uuid: string;
  readonly pointId: string;
  readonly excludes: readonly string[];
}

/** Which copies are without some paths. A point that was sent whole has no entry. */
export class SentWithoutHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  record({ uuid, pointId, excludes }: SentForm): void {
    this.#db
      .insert(sentWithout)
      .values({ uuid, pointId, excludes: [...excludes] })
      .onConflictDoNothing()
      .run();
  }

  /** By the uuid that a copy was received as. */
  get(uuid: string): SentForm | undefined {
    return this.#db.select().from(sentWithout).where(eq(sentWithout.uuid, uuid)).get();
  }

  all(): Map<string, SentForm> {
    const rows = this.#db.select().from(sentWithout).all();
    return new Map(rows.map((row) => [row.uuid, row]));
  }

  /** Each form of a point but the whole one. */
  of(pointId: string): SentForm[] {
    return this.#db.select().from(sentWithout).where(eq(sentWithout.pointId, pointId)).all();
  }
}
