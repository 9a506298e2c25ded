import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Db } from './history.ts';
import { changedSince, newestChange } from './point-changes.ts';
import { readPoints, sourceUuids, type Copy, type Known } from './point-rows.ts';
import { volumes } from './schema.ts';

/** More changed points than this: all are read again when they are asked for. */
const MOST_CHANGED = 2_000;
/** So many sets of present volumes are remembered, each with what a list looks like then. */
const MOST_SHOWN = 3;

type SourceUuid = string | null;

interface Shown {
  readonly bySource: Map<SourceUuid, RestorePoint[]>;
  /** Of all sources; made when somebody asks for all. */
  all: RestorePoint[] | undefined;
}

/**
 * The restore points as they were read last. There are tens of thousands of them, and a page asks
 * often: a source is read when it is first asked for, and after that only the points that the
 * history's log of changes names, whoever changed them.
 */
export class PointList {
  readonly #db: Db;
  /** The sources that have been read, each with its points by their ids. */
  readonly #sources = new Map<SourceUuid, Map<string, Known>>();
  /** Of which source each of these points is. */
  readonly #homes = new Map<string, SourceUuid>();
  /** All sources have been read. */
  #isWhole = false;
  /** The newest change that `#sources` knows of. */
  #change: number | undefined;
  /** By what is present; a source's part is made anew when one of its points changes. */
  readonly #shown = new Map<string, Shown>();
  #names = new Map<string, string>();

  constructor(db: Db) {
    this.#db = db;
  }

  /** Newest first; `present` says which volumes are here now. */
  list(present: ReadonlySet<string>, sourceUuid?: string): RestorePoint[] {
    this.#refresh();
    const shown = this.#shownFor(present);
    if (sourceUuid !== undefined) {
      this.#load(sourceUuid);
      return [...this.#showSource(sourceUuid, shown, present)];
    }
    this.#loadAll();
    const sources = [...this.#sources.keys()];
    shown.all ??= sources
      .flatMap((uuid) => this.#showSource(uuid, shown, present))
      .sort(newestFirst);
    return [...shown.all];
  }

  /** Reads one source after the other, and says after each that it has: nobody waits for long. */
  *readAll(): Generator<void> {
    this.#refresh();
    if (this.#isWhole) return;
    for (const uuid of sourceUuids(this.#db)) {
      if (this.#sources.has(uuid)) continue;
      this.#load(uuid);
      yield;
    }
    this.#refresh();
    // What came meanwhile, of a source that was not there yet, is read in its turn.
    this.#isWhole = sourceUuids(this.#db).every((uuid) => this.#sources.has(uuid));
  }

  #refresh(): void {
    const since = this.#change;
    this.#change = newestChange(this.#db);
    const changed = since === undefined ? [] : changedSince(this.#db, since, MOST_CHANGED);
    if (changed === undefined) this.#forgetAll();
    else if (changed.length > 0) this.#readAgain(changed);
    this.#readNames();
  }

  #forgetAll(): void {
    this.#sources.clear();
    this.#homes.clear();
    this.#shown.clear();
    this.#isWhole = false;
  }

  /** Points of sources that nobody has asked for are left for when somebody does. */
  #readAgain(ids: readonly string[]): void {
    for (const id of ids) {
      const home = this.#homes.get(id);
      if (home === undefined) continue;
      this.#sources.get(home)?.delete(id);
      this.#homes.delete(id);
      this.#touched(home);
    }
    for (const known of readPoints(this.#db, { ids })) {
      const { sourceUuid } = known.point;
      if (this.#isWhole || this.#sources.has(sourceUuid)) this.#keep(known);
    }
  }

  #load(uuid: SourceUuid): void {
    if (this.#isWhole || this.#sources.has(uuid)) return;
    this.#sources.set(uuid, new Map());
    for (const known of readPoints(this.#db, { sourceUuid: uuid })) this.#keep(known);
    this.#touched(uuid);
  }

  #loadAll(): void {
    if (this.#isWhole) return;
    this.#forgetAll();
    for (const known of readPoints(this.#db, 'all')) this.#keep(known);
    this.#isWhole = true;
  }

  #keep(known: Known): void {
    const { pointId, sourceUuid } = known.point;
    const own = this.#sources.get(sourceUuid);
    if (own) own.set(pointId, known);
    else this.#sources.set(sourceUuid, new Map([[pointId, known]]));
    this.#homes.set(pointId, sourceUuid);
    this.#touched(sourceUuid);
  }

  #touched(uuid: SourceUuid): void {
    for (const shown of this.#shown.values()) {
      shown.bySource.delete(uuid);
      shown.all = undefined;
    }
  }

  #readNames(): void {
    const rows = this.#db.select().from(volumes).all();
    const isSame =
      rows.length === this.#names.size &&
      rows.every(({ volumeId, name }) => this.#names.get(volumeId) === name);
    if (isSame) return;
    this.#names = new Map(rows.map(({ volumeId, name }) => [volumeId, name]));
    this.#shown.clear();
  }

  #shownFor(present: ReadonlySet<string>): Shown {
    const key = [...present].sort().join(' ');
    const known = this.#shown.get(key);
    if (known) return known;
    // Drives come and go: the pictures of old are not kept for ever.
    if (this.#shown.size >= MOST_SHOWN) this.#shown.clear();
    const made: Shown = { bySource: new Map(), all: undefined };
    this.#shown.set(key, made);
    return made;
  }

  #showSource(
    uuid: SourceUuid,
    { bySource }: Shown,
    present: ReadonlySet<string>,
  ): readonly RestorePoint[] {
    const known = bySource.get(uuid);
    if (known) return known;
    const made = [...(this.#sources.get(uuid)?.values() ?? [])]
      .filter(({ copies }) => copies.length > 0)
      .map((one) => this.#show(one, present))
      .sort(newestFirst);
    bySource.set(uuid, made);
    return made;
  }

  #show({ point, copies }: Known, present: ReadonlySet<string>): RestorePoint {
    const shown = copies.map((copy) => ({
      ...copy,
      volumeName: this.#names.get(copy.volumeId) ?? copy.volumeId,
      present: present.has(copy.volumeId),
    }));
    if (shown.length > 1) shown.sort(localFirst);
    return { ...point, copies: shown };
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
