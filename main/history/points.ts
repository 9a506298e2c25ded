import { and, asc, desc, inArray, eq, isNotNull, isNull, notInArray } from 'drizzle-orm';
import { conflict } from '../../shared/errors.ts';
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
  /** What this copy is without; nothing when it is whole. */
  readonly excludes?: readonly string[];
}

export type PointFacts = Pick<PointSeen, 'pointId' | 'sourceUuid' | 'name' | 'takenAtMs'>;

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
  /** Grows when another process writes. */
  readonly #dataVersion: () => number;
  /** Grows when this one does. */
  #writes = 0;
  #listed: { readonly key: string; readonly points: RestorePoint[] } | undefined;

  constructor(db: Db, dataVersion: () => number) {
    this.#db = db;
    this.#dataVersion = dataVersion;
  }

  /** The same text: nothing of what is known of points has changed. */
  stamp(): string {
    return `${this.#dataVersion()} ${this.#writes}`;
  }

  volumeSeen(volumeId: string, name: string, nowMs: number, addedPath?: string): void {
    this.#writes += this.#isNamed(volumeId, name) ? 0 : 1;
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
    this.#writes += 1;
    this.#db.transaction((db) => {
      db.delete(volumes).where(eq(volumes.volumeId, volumeId)).run();
      db.delete(pointCopies).where(eq(pointCopies.volumeId, volumeId)).run();
      dropLonePoints(db);
    });
  }

  /** Records all restore points of a volume, in place of what was known; the same writes nothing. */
  replaceVolume(volumeId: string, seen: readonly PointSeen[]): void {
    if (this.#isKnown(volumeId, seen)) return;
    this.#writes += 1;
    this.#db.transaction((db) => {
      db.delete(pointCopies).where(eq(pointCopies.volumeId, volumeId)).run();
      for (const { pointId, subvolumeId, path, place, excludes, ...point } of seen) {
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

  /** Notes which backup made a point. Its copies are recorded when its volumes are looked at. */
  pointBackedUp(point: PointBackup): void {
    this.#writes += 1;
    this.#db
      .insert(points)
      .values(point)
      .onConflictDoUpdate({ target: points.pointId, set: point })
      .run();
  }

  /** Keeps a point for ever, or leaves it to the rules again (null). @throws Conflict */
  tag(pointId: string, tag: string | null): void {
    this.#writes += 1;
    const { changes } = this.#db
      .update(points)
      .set({ tag })
      .where(eq(points.pointId, pointId))
      .run();
    if (changes > 0) return;
    throw conflict('point-unknown', `There is no restore point ${pointId}.`, {
      hint: 'List the restore points again.',
    });
  }

  /** What is known of each point, also of one of which no copy has been seen yet. */
  known(): Map<string, PointFacts> {
    const { pointId, sourceUuid, name, takenAtMs } = points;
    const rows = this.#db.select({ pointId, sourceUuid, name, takenAtMs }).from(points).values();
    return new Map(
      rows.map((row) => {
        const [id, uuid, text, at] = row as [string, string | null, string, number];
        return [id, { pointId: id, sourceUuid: uuid, name: text, takenAtMs: at }];
      }),
    );
  }

  /** Newest first; `present` says which volumes are here now. */
  list(present: ReadonlySet<string>, sourceUuid?: string): RestorePoint[] {
    if (sourceUuid !== undefined) return this.#read(present, sourceUuid);
    const key = `${this.stamp()} ${[...present].sort().join(' ')}`;
    if (this.#listed?.key !== key) this.#listed = { key, points: this.#read(present) };
    return [...this.#listed.points];
  }

  #isKnown(volumeId: string, seen: readonly PointSeen[]): boolean {
    const rows = this.#db
      .select({ point: points, copy: pointCopies })
      .from(pointCopies)
      .innerJoin(points, eq(points.pointId, pointCopies.pointId))
      .where(eq(pointCopies.volumeId, volumeId))
      .all();
    const bySubvolume = new Map(rows.map((row) => [row.copy.subvolumeId, row]));
    return (
      rows.length === seen.length &&
      seen.every(({ pointId, subvolumeId, path, place, excludes, ...point }) => {
        const row = bySubvolume.get(subvolumeId);
        if (row?.copy.pointId !== pointId || row.copy.path !== path) return false;
        if (row.copy.place !== place || !isSame(row.copy.excludes, excludes)) return false;
        const facts = Object.entries(known(point, place)) as [keyof PointRow, unknown][];
        return facts.every(([name, value]) => row.point[name] === value);
      })
    );
  }

  #isNamed(volumeId: string, name: string): boolean {
    const row = this.#db.select().from(volumes).where(eq(volumes.volumeId, volumeId)).get();
    return row?.name === name;
  }

  #read(present: ReadonlySet<string>, sourceUuid?: string): RestorePoint[] {
    const found = new Map<string, RestorePoint>();
    const isOf = sourceUuid === undefined ? undefined : eq(points.sourceUuid, sourceUuid);
    const order = [desc(points.takenAtMs), asc(points.pointId)];
    // Rows as they are: tens of thousands of objects with names would be made twice.
    const rows = this.#db
      .select(POINT_COLUMNS)
      .from(points)
      .where(isOf)
      .orderBy(...order);
    for (const row of rows.values()) found.set(row[0] as string, pointOf(row));
    const names = new Map(this.volumesSeen().map(({ volumeId, name }) => [volumeId, name]));
    const copies = this.#db.select(COPY_COLUMNS).from(pointCopies);
    const ofSource = this.#db.select({ id: points.pointId }).from(points).where(isOf);
    const wanted = isOf ? copies.where(inArray(pointCopies.pointId, ofSource)) : copies;
    for (const row of wanted.orderBy(asc(pointCopies.volumeId)).values()) {
      const [pointId, ...copy] = row;
      found.get(pointId as string)?.copies.push(copyOf(copy, names, present));
    }
    const held = [...found.values()].filter(({ copies: all }) => all.length > 0);
    for (const { copies: all } of held) all.sort((a, b) => compare(b.place, a.place));
    return held;
  }
}

const POINT_COLUMNS = {
  ...{ pointId: points.pointId, sourceUuid: points.sourceUuid, name: points.name },
  ...{ takenAtMs: points.takenAtMs, runId: points.runId, bytes: points.bytes, files: points.files },
  ...{ parentPointId: points.parentPointId, tag: points.tag },
};
const COPY_COLUMNS = {
  ...{ pointId: pointCopies.pointId, volumeId: pointCopies.volumeId },
  ...{ subvolumeId: pointCopies.subvolumeId, path: pointCopies.path },
  ...{ place: pointCopies.place, excludes: pointCopies.excludes },
};

/** A row of `POINT_COLUMNS`. */
function pointOf(row: unknown[]): RestorePoint {
  const [pointId, sourceUuid, name, takenAtMs, runId, bytes, files, parentPointId, tag] = row as [
    ...[string, string | null, string, number, string | null, number | null, number | null],
    ...[string | null, string | null],
  ];
  const backup =
    runId === null ? null : { runId, bytes: bytes ?? 0, files: files ?? 0, parentPointId };
  const kept = tag === null ? {} : { tag };
  return { pointId, sourceUuid, name, takenAtMs, copies: [], ...kept, backup };
}

/** A row of `COPY_COLUMNS` without its first. */
function copyOf(
  row: unknown[],
  names: ReadonlyMap<string, string>,
  present: ReadonlySet<string>,
): RestorePoint['copies'][number] {
  const [volumeId, subvolumeId, path, place, excludes] = row as [
    ...[string, number, string, 'local' | 'drive', string | null],
  ];
  const without = excludes === null ? {} : { excludes: JSON.parse(excludes) as string[] };
  const seen = { volumeName: names.get(volumeId) ?? volumeId, present: present.has(volumeId) };
  return { volumeId, subvolumeId, path, place, ...without, ...seen };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isSame(a: readonly string[] | null, b: readonly string[] = []): boolean {
  return JSON.stringify(a ?? []) === JSON.stringify(b);
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
