import type { CatalogueQuery } from '../../shared/model/catalogue.ts';
import { CancelToken } from '../engine/cancel.ts';
import { takeArchived, type ArchivedPoint } from './archived/take-archived.ts';
import { bound, compact, sizeOf } from './compact.ts';
import { emptyLog, openDatabase, type CatalogueDb } from './database.ts';
import { findFiles, type FoundFile } from './find.ts';
import { Lines } from './lines.ts';
import { isOfPoint, takePoint, type PresentPoint, type Taken } from './update.ts';

export type { ArchivedPoint } from './archived/take-archived.ts';
export type { FoundFile } from './find.ts';
export type { PresentPoint, Taken } from './update.ts';

/** Files are kept below this unless another limit is given: some 40 million versions. */
export const DEFAULT_LIMIT_BYTES = 4 * 1024 ** 3;

/**
 * Names, sizes and times of every file in every restore point, to find them also while their
 * drive is away. Grows by what differs between two points. Nothing is restored by it, and it can
 * be built anew from snapshots and drives at any time.
 */
export class Catalogue {
  readonly path: string;
  readonly #db: CatalogueDb;
  readonly #lines: Lines;

  constructor(path: string) {
    this.path = path;
    this.#db = openDatabase(path);
    this.#lines = new Lines(this.#db);
  }

  /**
   * Takes in what is here and not known yet, in the order of time. A point that cannot be read,
   * as when its drive is pulled meanwhile, is left for the next time.
   */
  update(
    present: readonly PresentPoint[],
    onTaken: (taken: Taken) => void = () => {},
    check: () => void = () => {},
  ): Taken[] {
    this.#lines.adopt(present);
    const inOrder = [...present].sort((a, b) => a.takenAtMs - b.takenAtMs);
    return inOrder.map((point) => {
      const taken = this.#taken(point, present, check);
      onTaken(taken);
      return taken;
    });
  }

  #taken(point: PresentPoint, present: readonly PresentPoint[], check: () => void): Taken {
    try {
      return takePoint(this.#db, point, present, check);
    } catch (error) {
      if (!isOfPoint(error)) throw error;
      return { pointId: point.pointId, outcome: 'unreadable', inodes: 0 };
    }
  }

  /** The same for points that are in archives of stream files only. */
  takeArchived(points: readonly ArchivedPoint[], cancel = new CancelToken()): Taken[] {
    this.#lines.adopt(points);
    return takeArchived(this.#db, points, cancel);
  }

  find(query: CatalogueQuery): FoundFile[] {
    const found: FoundFile[] = [];
    for (const file of findFiles(this.#db, query)) {
      if (found.push(file) >= query.limit) break;
    }
    return found;
  }

  /** Forgets points that are nowhere any more, and the oldest when the file is too large. */
  compact(kept: ReadonlySet<string>, limitBytes = DEFAULT_LIMIT_BYTES): void {
    compact(this.#db, kept);
    bound(this.#db, limitBytes);
  }

  has(pointId: string): boolean {
    return this.#lines.has(pointId);
  }

  /** Points that are taken in, and sources that are switched off. */
  known(): { points: string[]; off: string[] } {
    const points = this.#db.prepare('SELECT point_id FROM points').pluck().all() as string[];
    const off = this.#db.prepare('SELECT source_uuid FROM off').pluck().all() as string[];
    return { points, off };
  }

  setOff(sourceUuid: string, isOff: boolean): void {
    this.#lines.setOff(sourceUuid, isOff);
  }

  isOff(sourceUuid: string): boolean {
    return this.#lines.isOff(sourceUuid);
  }

  /** To be built anew by the next update. */
  forget(sourceUuid?: string): void {
    this.#lines.forget(sourceUuid);
  }

  status(): { versions: number; points: number; bytes: number; off: string[] } {
    const count = (table: string): number =>
      this.#db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
    const off = this.#db.prepare('SELECT source_uuid FROM off').pluck().all() as string[];
    return { versions: count('versions'), points: count('points'), bytes: sizeOf(this.#db), off };
  }

  /** Does what is left of a change: when nobody waits for its answer. */
  settle(): void {
    emptyLog(this.#db);
  }

  close(): void {
    this.#db.close();
  }
}
