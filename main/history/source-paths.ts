import { eq, isNotNull } from 'drizzle-orm';
import type { Db } from './history.ts';
import { PinHistory } from './pins.ts';
import { points, sourcePaths } from './schema.ts';

/** The writable subvolume that was last seen at a path of a volume. */
export interface SourcePath {
  readonly path: string;
  readonly uuid: string;
  /** The one that stood there before it and that it goes on with; null: none. */
  readonly formerUuid: string | null;
}

/** Which subvolumes stood where: what takes a source's place goes on with its restore points. */
export class SourcePathHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** By path. */
  on(volumeId: string): ReadonlyMap<string, SourcePath> {
    const { path, uuid, formerUuid } = sourcePaths;
    const rows = this.#db
      .select({ path, uuid, formerUuid })
      .from(sourcePaths)
      .where(eq(sourcePaths.volumeId, volumeId))
      .all();
    return new Map(rows.map((row) => [row.path, row]));
  }

  /** Of each that goes on with another one, that one; on all volumes. */
  formers(): ReadonlyMap<string, string> {
    const rows = this.#db
      .select({ uuid: sourcePaths.uuid, former: sourcePaths.formerUuid })
      .from(sourcePaths)
      .where(isNotNull(sourcePaths.formerUuid))
      .all();
    return new Map(rows.map(({ uuid, former }) => [uuid, former!]));
  }

  /**
   * Notes what stands there now. What is known of restore points and pins of a former one becomes
   * what is known of the one that goes on with it.
   */
  note(volumeId: string, seen: readonly SourcePath[]): void {
    this.#db.transaction((db) => {
      for (const { path, uuid, formerUuid } of seen) {
        db.insert(sourcePaths)
          .values({ volumeId, path, uuid, formerUuid })
          .onConflictDoUpdate({
            target: [sourcePaths.volumeId, sourcePaths.path],
            set: { uuid, formerUuid },
          })
          .run();
        if (formerUuid === null) continue;
        db.update(points).set({ sourceUuid: uuid }).where(eq(points.sourceUuid, formerUuid)).run();
        new PinHistory(db).hand(formerUuid, uuid);
      }
    });
  }
}
