import { eq, notInArray } from 'drizzle-orm';
import type { Told } from '../../shared/model/notice.ts';
import type { Db } from './history.ts';
import { notices } from './schema.ts';

/** What is remembered of one subject between looks. */
export interface NoticeState {
  readonly subject: string;
  /** Since when it fails without a success in between. */
  readonly failingSinceMs: number | null;
  readonly told: Told | null;
}

/** What people were told, so that a restart tells nothing twice. */
export class NoticeHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  list(): NoticeState[] {
    return this.#db.select().from(notices).all();
  }

  /** In place of all that was remembered. */
  replace(states: readonly NoticeState[]): void {
    this.#db.transaction((db) => {
      const subjects = states.map(({ subject }) => subject);
      db.delete(notices).where(notInArray(notices.subject, subjects)).run();
      for (const { subject, failingSinceMs, told } of states) {
        const set = { failingSinceMs, told };
        const known = db.select().from(notices).where(eq(notices.subject, subject)).get();
        if (known) db.update(notices).set(set).where(eq(notices.subject, subject)).run();
        else
          db.insert(notices)
            .values({ subject, ...set })
            .run();
      }
    });
  }
}
