import type { RestorePoint } from '../../shared/model/subvolume.ts';
import type { Db } from './history.ts';
import type { Copy, Known } from './point-rows.ts';
import { volumes } from './schema.ts';
import { compare } from './source-points.ts';

/** What the places of copies are called, as it was read last. */
export class PlaceNames {
  readonly #db: Db;
  #names = new Map<string, string>();

  constructor(db: Db) {
    this.#db = db;
  }

  /** @returns whether a place has come, gone or got another name */
  readAgain(): boolean {
    const rows = this.#db.select().from(volumes).all();
    const isSame =
      rows.length === this.#names.size &&
      rows.every(({ volumeId, name }) => this.#names.get(volumeId) === name);
    if (!isSame) this.#names = new Map(rows.map(({ volumeId, name }) => [volumeId, name]));
    return !isSame;
  }

  /** `present` says which volumes are here now. */
  show({ point, copies }: Known, present: ReadonlySet<string>): RestorePoint {
    const shown = copies.map((copy) => ({
      ...copy,
      volumeName: this.#names.get(copy.volumeId) ?? copy.volumeId,
      present: present.has(copy.volumeId),
    }));
    if (shown.length > 1) shown.sort(localFirst);
    return { ...point, copies: shown };
  }
}

/** Beside the source before drives; drives by their ids. */
function localFirst(a: Copy, b: Copy): number {
  return compare(b.place, a.place) || compare(a.volumeId, b.volumeId);
}
