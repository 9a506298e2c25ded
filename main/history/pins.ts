import { and, eq } from 'drizzle-orm';
import type { Db } from './history.ts';
import { pins } from './schema.ts';

/** The last point of a source that a place holds too: what the next backup there builds on. */
export interface Pin {
  readonly sourceUuid: string;
  readonly placeId: string;
  readonly pointId: string;
  readonly sentAtMs: number;
  /** When a person let go of it; null while it holds. */
  readonly releasedAtMs: number | null;
}

type PinDb = Pick<Db, 'select' | 'insert' | 'update' | 'delete'>;

/** A pin for each source and place, present or away. */
export class PinHistory {
  readonly #db: PinDb;

  constructor(db: PinDb) {
    this.#db = db;
  }

  list(sourceUuid?: string): Pin[] {
    const isOf = sourceUuid === undefined ? undefined : eq(pins.sourceUuid, sourceUuid);
    return this.#db.select().from(pins).where(isOf).all();
  }

  /** Takes the place of the one before, also of one that was let go. */
  set(pin: Omit<Pin, 'releasedAtMs'>): void {
    const { pointId, sentAtMs } = pin;
    this.#db
      .insert(pins)
      .values({ ...pin, releasedAtMs: null })
      .onConflictDoUpdate({
        target: [pins.sourceUuid, pins.placeId],
        set: { pointId, sentAtMs, releasedAtMs: null },
      })
      .run();
  }

  /** Those of one source become another's, which keeps of two for one place the newer. */
  hand(fromUuid: string, toUuid: string): void {
    const own = new Map(this.list(toUuid).map((pin) => [pin.placeId, pin]));
    for (const pin of this.list(fromUuid)) {
      const { placeId, pointId, sentAtMs, releasedAtMs } = pin;
      if ((own.get(placeId)?.sentAtMs ?? -Infinity) >= sentAtMs) continue;
      const set = { pointId, sentAtMs, releasedAtMs };
      this.#db
        .insert(pins)
        .values({ sourceUuid: toUuid, placeId, ...set })
        .onConflictDoUpdate({ target: [pins.sourceUuid, pins.placeId], set })
        .run();
    }
    this.#db.delete(pins).where(eq(pins.sourceUuid, fromUuid)).run();
  }

  /** Lets go of all that a place pins, or of one source there. Returns how many there were. */
  release(placeId: string, releasedAtMs: number, sourceUuid?: string): number {
    const isThere = eq(pins.placeId, placeId);
    const which =
      sourceUuid === undefined ? isThere : and(isThere, eq(pins.sourceUuid, sourceUuid));
    return this.#db.update(pins).set({ releasedAtMs }).where(which).run().changes;
  }
}
