import { asc, eq } from 'drizzle-orm';
import type { Disk } from '../../shared/model/drive.ts';
import type { Db } from './history.ts';
import { drives } from './schema.ts';

/** A drive that a person gave to Dendro. */
export interface DriveRecord {
  /** The UUID of its filesystem. */
  readonly driveId: string;
  readonly name: string;
  /** What its marker file says. */
  readonly markerId: string;
  readonly luksUuid: string | null;
  readonly passphrase: 'ask' | 'keyring';
  readonly filesystem: string;
  readonly label: string;
  readonly sizeBytes: number;
  readonly disk: Disk;
  readonly addedAtMs: number;
  /** Where Dendro itself mounted it and has not unmounted it since; null otherwise. */
  readonly mountedPath: string | null;
}

/** The drives that are known, here or away. */
export class DriveHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  list(): (DriveRecord & { readonly lastSeenAtMs: number })[] {
    const rows = this.#db.select().from(drives).orderBy(asc(drives.driveId)).all();
    return rows.map(({ record, lastSeenAtMs }) => ({ ...record, lastSeenAtMs }));
  }

  get(driveId: string): DriveRecord | undefined {
    return this.#db.select().from(drives).where(eq(drives.driveId, driveId)).get()?.record;
  }

  /** What Dendro saw of a drive, and where it mounted it: may be lost, unlike what a person asks for. */
  note(record: DriveRecord, lastSeenAtMs: number): void {
    this.put(record, lastSeenAtMs);
  }

  put(record: DriveRecord, lastSeenAtMs: number): void {
    this.#db
      .insert(drives)
      .values({ driveId: record.driveId, record, lastSeenAtMs })
      .onConflictDoUpdate({ target: drives.driveId, set: { record, lastSeenAtMs } })
      .run();
  }

  seen(driveId: string, lastSeenAtMs: number): void {
    this.#db.update(drives).set({ lastSeenAtMs }).where(eq(drives.driveId, driveId)).run();
  }

  forget(driveId: string): void {
    this.#db.delete(drives).where(eq(drives.driveId, driveId)).run();
  }
}
