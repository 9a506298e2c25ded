import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Db } from './history.ts';
import { readHeads } from './newest-points.ts';
import { PlaceNames } from './place-names.ts';
import { changedSince, newestChange } from './point-changes.ts';
import { readPoints, sourceUuids, type Known, type Wanted } from './point-rows.ts';
import { headsAt, inOrder, newestFirst, type InOrder, type SourcePoints } from './source-points.ts';

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
  /** Of those that have been read, made anew when one of their points changes. */
  readonly #ordered = new Map<SourceUuid, InOrder>();
  /** Of which source each of these points is. */
  readonly #homes = new Map<string, SourceUuid>();
  /** All sources have been read. */
  #isWhole = false;
  /** The newest change that `#sources` knows of. */
  #change: number | undefined;
  /** By what is present; a source's part is made anew when one of its points changes. */
  readonly #shown = new Map<string, Shown>();
  readonly #places: PlaceNames;

  constructor(db: Db) {
    this.#db = db;
    this.#places = new PlaceNames(db);
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

  /** Some points of one source, the newest first: no others are read for that. */
  page(present: ReadonlySet<string>, uuid: string, limit: number, offset: number): RestorePoint[] {
    this.#refresh();
    if (this.#isRead(uuid)) {
      const part = this.#inOrder(uuid).all.slice(offset, offset + limit);
      return part.map((one) => this.#places.show(one, present));
    }
    return this.#showThese({ page: { uuid, limit, offset } }, present);
  }

  /** Those of these points that are known, in any order. */
  these(present: ReadonlySet<string>, ids: readonly string[]): RestorePoint[] {
    this.#refresh();
    const known = ids.flatMap((id) => this.#knownOf(id) ?? []);
    const read = new Set(known.map(({ point }) => point.pointId));
    const others = ids.filter((id) => !read.has(id));
    const rows = others.length === 0 ? [] : readPoints(this.#db, { ids: others });
    return [...known, ...rows].map((one) => this.#places.show(one, present));
  }

  /** What backups brought to a place, the oldest first. */
  broughtTo(volumeId: string): { takenAtMs: number; bytes: number }[] {
    this.#refresh();
    this.#loadAll();
    const isThere = (copy: Known['copies'][number]): boolean => copy.volumeId === volumeId;
    return [...this.#sources.values()]
      .flatMap((own) => [...own.values()])
      .filter(({ point, copies }) => point.backup !== null && copies.some(isThere))
      .map(({ point }) => ({ takenAtMs: point.takenAtMs, bytes: point.backup!.bytes }))
      .sort((a, b) => a.takenAtMs - b.takenAtMs);
  }

  /** Of each source the newest points and their count; what has not been read stays unread. */
  sources(present: ReadonlySet<string>, newest: number, nowMs: number): SourcePoints[] {
    this.#refresh();
    if (this.#isWhole) {
      return [...this.#sources.keys()].flatMap((sourceUuid) => {
        const ordered = this.#inOrder(sourceUuid);
        const { all } = ordered;
        if (sourceUuid === null || all.length === 0) return [];
        const show = (one: Known): RestorePoint => this.#places.show(one, present);
        const some = all.slice(0, newest).map(show);
        const ofPlaces = headsAt(ordered, nowMs).map(show);
        return { sourceUuid, count: all.length, newest: some, ofPlaces };
      });
    }
    return readHeads(this.#db, nowMs).map(({ sourceUuid, count, ofPlaces }) => ({
      ...{ sourceUuid, count, newest: this.page(present, sourceUuid, newest, 0) },
      ofPlaces: this.#showThese({ ids: ofPlaces }, present),
    }));
  }

  /** Reads one source after the other, and says after each that it has: nobody waits for long. */
  *readAll(): Generator<void> {
    this.#refresh();
    if (this.#isWhole) return;
    for (const uuid of sourceUuids(this.#db)) {
      if (this.#sources.has(uuid)) continue;
      this.#load(uuid);
      this.#inOrder(uuid);
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
    if (this.#places.readAgain()) this.#shown.clear();
  }

  #forgetAll(): void {
    this.#sources.clear();
    this.#ordered.clear();
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
      if (this.#isRead(sourceUuid)) this.#keep(known);
    }
  }

  #load(uuid: SourceUuid): void {
    if (this.#isRead(uuid)) return;
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

  #knownOf(id: string): Known | undefined {
    const home = this.#homes.get(id);
    return home === undefined ? undefined : this.#sources.get(home)?.get(id);
  }

  #isRead(uuid: SourceUuid): boolean {
    return this.#isWhole || this.#sources.has(uuid);
  }

  #touched(uuid: SourceUuid): void {
    this.#ordered.delete(uuid);
    for (const shown of this.#shown.values()) {
      shown.bySource.delete(uuid);
      shown.all = undefined;
    }
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
    const made = this.#inOrder(uuid).all.map((one) => this.#places.show(one, present));
    bySource.set(uuid, made);
    return made;
  }

  /** Of one that has been read. */
  #inOrder(uuid: SourceUuid): InOrder {
    const known = this.#ordered.get(uuid);
    if (known) return known;
    const made = inOrder(this.#sources.get(uuid)?.values() ?? []);
    this.#ordered.set(uuid, made);
    return made;
  }

  #showThese(wanted: Wanted, present: ReadonlySet<string>): RestorePoint[] {
    return [...readPoints(this.#db, wanted)]
      .map((one) => this.#places.show(one, present))
      .sort(newestFirst);
  }
}
