import { and, eq } from 'drizzle-orm';
import type { Db } from './history.ts';
import { interruptedSends } from './schema.ts';

/** Where a backup goes from and to. */
export interface SendRoute {
  readonly sourceVolumeId: string;
  readonly sourceSubvolumeId: number;
  readonly targetVolumeId: string;
  readonly folder: string;
}

export interface InterruptedSend extends SendRoute {
  readonly snapshotId: number;
  readonly snapshotUuid: string;
  readonly parentId: number | null;
  readonly fingerprint: string;
  /** When it was begun here: what the target holds from before is of another send. */
  readonly beganAtMs: number;
  /** Names what it leaves on the target. */
  readonly leftoverKey: string;
}

/** Sends that were begun and have not come to their end, at most one for each route. */
export class InterruptedSendHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  get(route: SendRoute): InterruptedSend | undefined {
    return this.#db.select().from(interruptedSends).where(isOn(route)).get();
  }

  list(): InterruptedSend[] {
    return this.#db.select().from(interruptedSends).all();
  }

  record(send: InterruptedSend): void {
    this.forget(send);
    this.#db.insert(interruptedSends).values(send).run();
  }

  forget(route: SendRoute): void {
    this.#db.delete(interruptedSends).where(isOn(route)).run();
  }
}

function isOn(route: SendRoute) {
  return and(
    eq(interruptedSends.sourceVolumeId, route.sourceVolumeId),
    eq(interruptedSends.sourceSubvolumeId, route.sourceSubvolumeId),
    eq(interruptedSends.targetVolumeId, route.targetVolumeId),
    eq(interruptedSends.folder, route.folder),
  );
}
