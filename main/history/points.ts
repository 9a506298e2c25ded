import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, eq, inArray, isNotNull, isNull, notInArray, sql } from 'drizzle-orm';
import { conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Db } from './history.ts';
import { KnownPoints } from './known-points.ts';
import { newestChange } from './point-changes.ts';
import { PointList } from './point-list.ts';
import { pointCopies, points, volumes } from './schema.ts';
import type { SourcePoints } from './source-points.ts';

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
  /** What this copy is without; nothing when it is whole. */
  readonly excludes?: readonly string[];
}

export type PointFacts = Pick<PointSeen, 'pointId' | 'sourceUuid' | 'name' | 'takenAtMs'>;

export interface CopyFacts extends PointFacts {
  readonly path: string;
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

/** What was last seen where: keeps restore points known while their drive is away. */
export class PointHistory {
  readonly #db: Db;
  readonly #listed: PointList;
  readonly #known: KnownPoints;

  constructor(db: Db) {
    this.#db = db;
    this.#listed = new PointList(db);
    this.#known = new KnownPoints(db);
  }

  /** The same number: nothing of what is known of points has changed, in whatever process. */
  stamp(): number {
    return newestChange(this.#db);
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

  /**
   * Records all restore points of a volume, in place of what was known. Only what differs is
   * written: of thousands one is new, and one gone.
   */
  replaceVolume(volumeId: string, seen: readonly PointSeen[]): void {
    const before = new Map(this.#copiesAt(volumeId).map((copy) => [copy.subvolumeId, copy]));
    const news = seen.filter((point) => !isRecorded(before.get(point.subvolumeId), point));
    const here = new Set(seen.map(({ subvolumeId }) => subvolumeId));
    const gone = [...before.values()].filter(({ subvolumeId }) => !here.has(subvolumeId));
    if (news.length === 0 && gone.length === 0) return;
    this.#db.transaction((db) => {
      forgetCopies(
        db,
        volumeId,
        [...news, ...gone].map((one) => one.subvolumeId),
      );
      for (const { pointId, subvolumeId, path, place, excludes, ...point } of news) {
        db.insert(points)
          .values({ pointId, ...point })
          .onConflictDoUpdate({ target: points.pointId, set: known(point, place) })
          .run();
        const copy = { pointId, volumeId, subvolumeId, path, place };
        db.insert(pointCopies)
          .values({ ...copy, excludes: excludes && excludes.length > 0 ? [...excludes] : null })
          .run();
      }
      dropLonePoints(db);
    });
  }

  /**
   * Notes which backup made a point. Its copies are recorded when its volumes are looked at; what is
   * known of it already (of which source it is, since a rollback, and taken when) stays.
   */
  pointBackedUp(point: PointBackup): void {
    const { runId, bytes, files, parentPointId } = point;
    const sourceUuid = sql`coalesce(${points.sourceUuid}, ${point.sourceUuid})`;
    this.#db
      .insert(points)
      .values(point)
      .onConflictDoUpdate({
        target: points.pointId,
        set: { runId, bytes, files, parentPointId, sourceUuid },
      })
      .run();
  }

  /** Keeps a point for ever, or leaves it to the rules again (null). @throws Conflict */
  tag(pointId: string, tag: string | null): void {
    const { changes } = this.#db
      .update(points)
      .set({ tag })
      .where(eq(points.pointId, pointId))
      .run();
    if (changes > 0) return;
    throw conflict('point-unknown', say`There is no restore point ${{ pointId }}.`, {
      hint: 'List the restore points again.',
    });
  }

  /** What is known of each point, also of one of which no copy has been seen yet. */
  known(): ReadonlyMap<string, PointFacts> {
    return this.#known.all();
  }

  /** What backups brought to a place, the oldest first. */
  broughtTo(volumeId: string): { takenAtMs: number; bytes: number }[] {
    return this.#listed.broughtTo(volumeId);
  }

  /** The copy of this number at a place, and of which point it is. */
  copyAt(volumeId: string, subvolumeId: number): CopyFacts | undefined {
    const isIt = and(eq(pointCopies.volumeId, volumeId), eq(pointCopies.subvolumeId, subvolumeId));
    const { pointId, path } = pointCopies;
    const { sourceUuid, name, takenAtMs } = points;
    return this.#db
      .select({ pointId, path, sourceUuid, name, takenAtMs })
      .from(pointCopies)
      .innerJoin(points, eq(points.pointId, pointCopies.pointId))
      .where(isIt)
      .get();
  }

  /** Newest first; `present` says which volumes are here now. */
  list(present: ReadonlySet<string>, sourceUuid?: string): RestorePoint[] {
    return this.#listed.list(present, sourceUuid);
  }

  /** Those of these points that are known, in any order. */
  these(present: ReadonlySet<string>, ids: readonly string[]): RestorePoint[] {
    return this.#listed.these(present, ids);
  }

  /** Some points of one source, the newest first. */
  page(
    present: ReadonlySet<string>,
    sourceUuid: string,
    { limit, offset }: { readonly limit: number; readonly offset: number },
  ): RestorePoint[] {
    return this.#listed.page(present, sourceUuid, limit, offset);
  }

  /** Of each source its count, its newest points, and those that its protection rests on. */
  sources(present: ReadonlySet<string>, newest: number, nowMs: number): SourcePoints[] {
    return this.#listed.sources(present, newest, nowMs);
  }

  /** Reads what a list of all is made of, in pieces: other calls are answered meanwhile. */
  async readAhead(isWanted: () => boolean = () => true): Promise<void> {
    const sources = this.#listed.readAll();
    while (sources.next().done !== true) {
      await nextTurn();
      if (!isWanted()) return;
    }
  }

  /** Rows as they are, for the same reason as in `PointList`. */
  #copiesAt(volumeId: string): Recorded[] {
    const rows = this.#db
      .select(RECORDED_COLUMNS)
      .from(pointCopies)
      .innerJoin(points, eq(points.pointId, pointCopies.pointId))
      .where(eq(pointCopies.volumeId, volumeId))
      .values();
    return rows.map((row) => {
      const [subvolumeId, pointId, path, place, excludes, sourceUuid, name, takenAtMs] = row as [
        ...[number, string, string, 'local' | 'drive', string | null],
        ...[string | null, string, number],
      ];
      return { subvolumeId, pointId, path, place, excludes, sourceUuid, name, takenAtMs };
    });
  }
}

interface Recorded extends Omit<PointSeen, 'excludes'> {
  /** JSON, as it stands in its column. */
  readonly excludes: string | null;
}

const RECORDED_COLUMNS = {
  ...{ subvolumeId: pointCopies.subvolumeId, pointId: pointCopies.pointId },
  ...{ path: pointCopies.path, place: pointCopies.place, excludes: pointCopies.excludes },
  ...{ sourceUuid: points.sourceUuid, name: points.name, takenAtMs: points.takenAtMs },
};

/** The same copy, and of its point all that this copy knows. */
function isRecorded(row: Recorded | undefined, seen: PointSeen): boolean {
  if (!row || row.pointId !== seen.pointId || row.path !== seen.path) return false;
  const excludes = row.excludes === null ? [] : (JSON.parse(row.excludes) as string[]);
  if (row.place !== seen.place || !isSame(excludes, seen.excludes)) return false;
  const { sourceUuid, name, takenAtMs } = seen;
  const facts = Object.entries(known({ sourceUuid, name, takenAtMs }, seen.place));
  return facts.every(([key, value]) => row[key as keyof Recorded] === value);
}

/** In pieces: a statement holds only so many values. */
function forgetCopies(
  db: Pick<Db, 'delete'>,
  volumeId: string,
  subvolumeIds: readonly number[],
): void {
  for (let i = 0; i < subvolumeIds.length; i += 500) {
    const some = subvolumeIds.slice(i, i + 500);
    const isAmong = inArray(pointCopies.subvolumeId, some);
    db.delete(pointCopies)
      .where(and(eq(pointCopies.volumeId, volumeId), isAmong))
      .run();
  }
}

function isSame(a: readonly string[], b: readonly string[] = []): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A drive's copy knows less of its origin than the local one: never forget what was known. */
function known(
  point: Omit<PointSeen, 'pointId' | 'subvolumeId' | 'path' | 'place' | 'excludes'>,
  place: string,
): Partial<PointRow> {
  if (place === 'local') return point;
  const { name, sourceUuid } = point;
  return sourceUuid === null ? { name } : { name, sourceUuid };
}

/** What a backup recorded stays: a copy may be seen again when its drive is back. */
function dropLonePoints(db: Pick<Db, 'delete' | 'select'>): void {
  const held = db.select({ pointId: pointCopies.pointId }).from(pointCopies);
  db.delete(points)
    .where(and(notInArray(points.pointId, held), isNull(points.runId)))
    .run();
}
