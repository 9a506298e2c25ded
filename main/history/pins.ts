import { and, eq } from 'drizzle-orm';
import type { Db } from './history.ts';
import { keptPoints, pins } from './schema.ts';

/** Holds the point that a source and a place share, until they share a newer one. */
export interface Pin {
  readonly sourceUuid: string;
  readonly place: string;
  readonly pointId: string;
  /** What to call the place. */
  readonly placeName: string;
  readonly sinceMs: number;
}

export interface KeptPoint {
  readonly pointId: string;
  readonly note: string;
  readonly sinceMs: number;
}

/** Points that no retention rule may delete. */
export class PinHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  list(): Pin[] {
    return this.#db.select().from(pins).all();
  }

  set(pin: Pin): void {
    const { pointId, placeName, sinceMs } = pin;
    const set = { pointId, placeName, sinceMs };
    this.#db
      .insert(pins)
      .values(pin)
      .onConflictDoUpdate({ target: [pins.sourceUuid, pins.place], set })
      .run();
  }

  release(sourceUuid: string, place: string): void {
    const isIt = and(eq(pins.sourceUuid, sourceUuid), eq(pins.place, place));
    this.#db.delete(pins).where(isIt).run();
  }

  kept(): KeptPoint[] {
    return this.#db.select().from(keptPoints).all();
  }

  keep(point: KeptPoint): void {
    const set = { note: point.note, sinceMs: point.sinceMs };
    this.#db
      .insert(keptPoints)
      .values(point)
      .onConflictDoUpdate({ target: keptPoints.pointId, set })
      .run();
  }

  unkeep(pointId: string): void {
    this.#db.delete(keptPoints).where(eq(keptPoints.pointId, pointId)).run();
  }
}
