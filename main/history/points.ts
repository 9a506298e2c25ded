import { and, desc, eq, isNotNull, isNull, notInArray } from 'drizzle-orm';
import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Db } from './history.ts';
import { pointCopies, points, volumes } from './schema.ts';

export interface VolumeSeen {
  readonly volumeId: string;
  readonly name: string;
  readonly addedPath: string | null;
  readonly lastSeenAtMs: number;
}

export interface PointSeen {
  readonly pointId: string;
  readonly sourceUuid: string | null;
  readonly name: string;
  readonly takenAtMs: number;
  readonly subvolumeId: number;
  readonly path: string;
  readonly place: 'local' | 'drive';
}

export interface PointBackup extends Pick<
  PointSeen,
  'pointId' | 'sourceUuid' | 'name' | 'takenAtMs'
> {
  readonly runId: string;
  readonly bytes: number;
  readonly files: number;
  readonly parentPointId: string | null;
}

type PointRow = typeof points.$inferSelect;
type CopyRow = Omit<typeof pointCopies.$inferSelect, 'pointId'> & { volumeName: string | null };

/** What was last seen where: keeps restore points known while their drive is away. */
export class PointHistory {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  volumeSeen(volumeId: string, name: string, nowMs: number, addedPath?: string): void {
    const set = { name, lastSeenAtMs: nowMs, ...(addedPath === undefined ? {} : { addedPath }) };
    this.#db
      .insert(volumes)
      .values({ volumeId, ...set })
      .onConflictDoUpdate({ target: volumes.volumeId, set })
      .run();
  }

  volumesSeen(): VolumeSeen[] {
    return this.#db.select().from(volumes).all();
  }

  /** Paths of images and devices that a person added. */
  addedPaths(): string[] {
    const rows = this.#db.select().from(volumes).where(isNotNull(volumes.addedPath)).all();
    return rows.map((row) => row.addedPath!);
  }

  /** Forgets a volume and its copies; points that have no copy left go too. */
  forgetVolume(volumeId: string): void {
    this.#db.transaction((db) => {
      db.delete(volumes).where(eq(volumes.volumeId, volumeId)).run();
      db.delete(pointCopies).where(eq(pointCopies.volumeId, volumeId)).run();
      dropLonePoints(db);
    });
  }

  /** Records all restore points of a volume that is here now, in place of what was known. */
  replaceVolume(volumeId: string, seen: readonly PointSeen[]): void {
    this.#db.transaction((db) => {
      db.delete(pointCopies).where(eq(pointCopies.volumeId, volumeId)).run();
      for (const { pointId, subvolumeId, path, place, ...point } of seen) {
        db.insert(points)
          .values({ pointId, ...point })
          .onConflictDoUpdate({ target: points.pointId, set: known(point, place) })
          .run();
        db.insert(pointCopies).values({ pointId, volumeId, subvolumeId, path, place }).run();
      }
      dropLonePoints(db);
    });
  }

  /** Notes which backup made a point. Its copies are recorded when its volumes are looked at. */
  pointBackedUp(point: PointBackup): void {
    this.#db
      .insert(points)
      .values(point)
      .onConflictDoUpdate({ target: points.pointId, set: point })
      .run();
  }

  /** When the points of a source that a volume holds were taken. */
  takenAt(sourceUuid: string, volumeId: string): number[] {
    const rows = this.#db
      .select({ takenAtMs: points.takenAtMs })
      .from(points)
      .innerJoin(pointCopies, eq(points.pointId, pointCopies.pointId))
      .where(and(eq(points.sourceUuid, sourceUuid), eq(pointCopies.volumeId, volumeId)))
      .all();
    return rows.map(({ takenAtMs }) => takenAtMs);
  }

  /** Newest first; `present` says which volumes are here now. */
  list(present: ReadonlySet<string>, sourceUuid?: string): RestorePoint[] {
    const rows = this.#db
      .select({ point: points, copy: pointCopies, volumeName: volumes.name })
      .from(points)
      .innerJoin(pointCopies, eq(points.pointId, pointCopies.pointId))
      .leftJoin(volumes, eq(volumes.volumeId, pointCopies.volumeId))
      .where(sourceUuid === undefined ? undefined : eq(points.sourceUuid, sourceUuid))
      .orderBy(desc(points.takenAtMs), points.pointId, desc(pointCopies.place))
      .all();
    const found = new Map<string, RestorePoint>();
    for (const { point, copy, volumeName } of rows) {
      const entry = found.get(point.pointId) ?? asPoint(point);
      entry.copies.push(asCopy({ ...copy, volumeName }, present));
      found.set(point.pointId, entry);
    }
    return [...found.values()];
  }
}

/** A drive's copy knows less of its origin than the local one: never forget what was known. */
function known(
  point: Omit<PointSeen, 'pointId' | 'subvolumeId' | 'path' | 'place'>,
  place: string,
): Partial<PointRow> {
  if (place === 'local') return point;
  const { name, sourceUuid } = point;
  return sourceUuid === null ? { name } : { name, sourceUuid };
}

function asPoint(row: PointRow): RestorePoint {
  const { pointId, sourceUuid, name, takenAtMs, runId, bytes, files, parentPointId } = row;
  const backup =
    runId === null ? null : { runId, bytes: bytes ?? 0, files: files ?? 0, parentPointId };
  return { pointId, sourceUuid, name, takenAtMs, copies: [], backup };
}

function asCopy(row: CopyRow, present: ReadonlySet<string>): RestorePoint['copies'][number] {
  const { volumeId, subvolumeId, path, place, volumeName } = row;
  const name = volumeName ?? volumeId;
  return { volumeId, subvolumeId, path, place, volumeName: name, present: present.has(volumeId) };
}

/** What a backup recorded stays: a copy may be seen again when its drive is back. */
function dropLonePoints(db: Pick<Db, 'delete' | 'select'>): void {
  const held = db.select({ pointId: pointCopies.pointId }).from(pointCopies);
  db.delete(points)
    .where(and(notInArray(points.pointId, held), isNull(points.runId)))
    .run();
}
