import { inArray } from 'drizzle-orm';
import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Db } from './history.ts';
import { pointCopies, points, volumes } from './schema.ts';

/** SQLite takes so many values in one statement. */
const MOST_IDS = 500;
/** More changed points than this: all are read again, in one go. */
const MOST_CHANGED = 2_000;

type Copy = Omit<RestorePoint['copies'][number], 'volumeName' | 'present'>;
interface Known {
  readonly point: Omit<RestorePoint, 'copies'>;
  readonly copies: Copy[];
}

/** So many sets of present volumes are remembered, each with what a list looks like then. */
const MOST_SHOWN = 3;

interface Shown {
  readonly revision: number;
  readonly bySource: Map<string | null, RestorePoint[]>;
  /** Of all sources; made when somebody asks for all. */
  all: RestorePoint[] | undefined;
}

/**
 * The restore points as they were read last, newest first. What this process writes is read again
 * point by point; what another one wrote, as a whole. A page asks often, and there are tens of
 * thousands of them.
 */
export class PointList {
  readonly #db: Db;
  /** Grows when another process writes. */
  readonly #dataVersion: () => number;
  #version: number | undefined;
  readonly #known = new Map<string, Known>();
  readonly #changed = new Set<string>();
  /** By what is present; made anew when points or names change. */
  readonly #shown = new Map<string, Shown>();
  #revision = 0;

  constructor(db: Db, dataVersion: () => number) {
    this.#db = db;
    this.#dataVersion = dataVersion;
  }

  /** This process wrote something about these points, or what they are shown with. */
  changed(pointIds: Iterable<string> = []): void {
    this.#revision += 1;
    for (const pointId of pointIds) this.#changed.add(pointId);
  }

  /** Newest first; `present` says which volumes are here now. */
  list(present: ReadonlySet<string>, sourceUuid?: string): RestorePoint[] {
    this.#refresh();
    const shown = this.#shownFor(present);
    if (sourceUuid !== undefined) return [...(shown.bySource.get(sourceUuid) ?? [])];
    shown.all ??= [...shown.bySource.values()].flat().sort(newestFirst);
    return [...shown.all];
  }

  #shownFor(present: ReadonlySet<string>): Shown {
    const key = [...present].sort().join(' ');
    const known = this.#shown.get(key);
    if (known?.revision === this.#revision) return known;
    const made = { revision: this.#revision, bySource: this.#show(present), all: undefined };
    // Drives come and go: the pictures of old are not kept for ever.
    if (this.#shown.size >= MOST_SHOWN) this.#shown.clear();
    this.#shown.set(key, made);
    return made;
  }

  #refresh(): void {
    const version = this.#dataVersion();
    const isOther = version !== this.#version;
    this.#version = version;
    if (isOther || this.#changed.size > MOST_CHANGED) {
      this.#known.clear();
      this.#read();
      this.#revision += 1;
    } else {
      const ids = [...this.#changed];
      for (let i = 0; i < ids.length; i += MOST_IDS) this.#read(ids.slice(i, i + MOST_IDS));
    }
    this.#changed.clear();
  }

  /** Reads all points, or these. */
  #read(ids?: readonly string[]): void {
    for (const id of ids ?? []) this.#known.delete(id);
    // Rows as they are: tens of thousands of objects with names would be made twice.
    const ofPoints = this.#db.select(POINT_COLUMNS).from(points);
    const rows = ids ? ofPoints.where(inArray(points.pointId, [...ids])) : ofPoints;
    for (const row of rows.values())
      this.#known.set(row[0] as string, { point: pointOf(row), copies: [] });
    const ofCopies = this.#db.select(COPY_COLUMNS).from(pointCopies);
    const copies = ids ? ofCopies.where(inArray(pointCopies.pointId, [...ids])) : ofCopies;
    for (const row of copies.values()) {
      const [pointId, ...copy] = row;
      this.#known.get(pointId as string)?.copies.push(copyOf(copy));
    }
  }

  #show(present: ReadonlySet<string>): Map<string | null, RestorePoint[]> {
    const named = this.#db.select().from(volumes).all();
    const names = new Map(named.map(({ volumeId, name }) => [volumeId, name]));
    const all = new Map<string | null, RestorePoint[]>();
    for (const { point, copies } of this.#known.values()) {
      if (copies.length === 0) continue;
      const shown = copies.map((copy) => ({
        ...copy,
        volumeName: names.get(copy.volumeId) ?? copy.volumeId,
        present: present.has(copy.volumeId),
      }));
      if (shown.length > 1) shown.sort(localFirst);
      const own = all.get(point.sourceUuid);
      if (own) own.push({ ...point, copies: shown });
      else all.set(point.sourceUuid, [{ ...point, copies: shown }]);
    }
    for (const own of all.values()) own.sort(newestFirst);
    return all;
  }
}

function newestFirst(a: RestorePoint, b: RestorePoint): number {
  return b.takenAtMs - a.takenAtMs || compare(a.pointId, b.pointId);
}

/** Beside the source before drives; drives by their ids. */
function localFirst(a: Copy, b: Copy): number {
  return compare(b.place, a.place) || compare(a.volumeId, b.volumeId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
function pointOf(row: unknown[]): Known['point'] {
  const [pointId, sourceUuid, name, takenAtMs, runId, bytes, files, parentPointId, tag] = row as [
    ...[string, string | null, string, number, string | null, number | null, number | null],
    ...[string | null, string | null],
  ];
  const backup =
    runId === null ? null : { runId, bytes: bytes ?? 0, files: files ?? 0, parentPointId };
  const kept = tag === null ? {} : { tag };
  return { pointId, sourceUuid, name, takenAtMs, ...kept, backup };
}

/** A row of `COPY_COLUMNS` without its first. */
function copyOf(row: unknown[]): Copy {
  const [volumeId, subvolumeId, path, place, excludes] = row as [
    ...[string, number, string, 'local' | 'drive', string | null],
  ];
  const without = excludes === null ? {} : { excludes: JSON.parse(excludes) as string[] };
  return { volumeId, subvolumeId, path, place, ...without };
}
