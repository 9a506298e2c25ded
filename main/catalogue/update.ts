import { DendroError } from '../../shared/errors.ts';
import type { VolumeInput } from '../engine/open-volumes.ts';
import { volumeFor } from '../engine/open-volumes.ts';
import { openSubvolume } from '../engine/tree/index.ts';
import { emptyLog, type CatalogueDb } from './database.ts';
import { Intake } from './intake.ts';
import { Lines, type PointFacts } from './lines.ts';
import { takeAll, takeChanges } from './read-point.ts';

/** A point that is here, and where to read it. */
export interface PresentPoint extends PointFacts {
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
}

/** What a point did to the catalogue. */
export interface Taken {
  readonly pointId: string;
  /**
   * 'known': taken in before. 'off': switched off. 'older': before what its line has.
   * 'unreadable': of an archive that is encrypted, or of anything that is damaged or has just gone.
   */
  readonly outcome: 'all' | 'changes' | 'known' | 'off' | 'older' | 'unreadable';
  readonly inodes: number;
}

/** What a point is to blame for, or its drive: no reason to leave the others out. */
export function isOfPoint(error: unknown): boolean {
  return error instanceof DendroError && !['Bug', 'Cancelled'].includes(error.kind);
}

/**
 * Takes a point in: by what differs from the point before it on the same volume, where that is
 * still there; else whole. All of it or nothing.
 *
 * @param present points of the same volume, to find the one before among
 */
export function takePoint(
  db: CatalogueDb,
  point: PresentPoint,
  present: readonly PresentPoint[],
  check: () => void,
): Taken {
  const lines = new Lines(db);
  const { pointId } = point;
  if (lines.isOff(point.sourceUuid)) return { pointId, outcome: 'off', inodes: 0 };
  if (lines.has(pointId)) return { pointId, outcome: 'known', inodes: 0 };
  emptyLog(db);
  return db.transaction((): Taken => {
    const { line, newestSeq, newestMs, newestPointId } = lines.lineOf(point);
    // An interval of points is one of time: what is older than the newest needs a rebuild.
    if (newestSeq > 0 && point.takenAtMs <= newestMs)
      return { pointId, outcome: 'older', inodes: 0 };
    const seq = newestSeq + 1;
    db.prepare('INSERT INTO points VALUES (?, ?, ?, ?)').run(line, seq, pointId, point.takenAtMs);
    const intake = new Intake(db, line, seq);
    const after = openSubvolume(volumeFor(point.volume), point.subvolumeId);
    const last = present.find(
      (one) => one.pointId === newestPointId && one.volumeId === point.volumeId,
    );
    if (last !== undefined) {
      const before = openSubvolume(after.volume, last.subvolumeId);
      return { pointId, outcome: 'changes', inodes: takeChanges(before, after, intake, check) };
    }
    if (newestSeq === 0) {
      return { pointId, outcome: 'all', inodes: takeAll(after, intake, check) };
    }
    return { pointId, outcome: 'all', inodes: takeAgain(db, line, seq, after, check) };
  })();
}

/** The point before is gone: all is told again, and what is not told any more has ended. */
function takeAgain(
  db: CatalogueDb,
  line: number,
  seq: number,
  after: ReturnType<typeof openSubvolume>,
  check: () => void,
): number {
  const intake = new Intake(db, line, seq);
  const told = new Set<number>();
  const count = takeAll(
    after,
    {
      addNew: (state) => {
        told.add(state.inode);
        intake.set(state.inode, state);
      },
    },
    check,
  );
  endUntold(db, line, told, intake);
  return count;
}

/** What a line has and its new point does not tell of is not there any more. */
export function endUntold(
  db: CatalogueDb,
  line: number,
  told: ReadonlySet<number>,
  intake: Intake,
): void {
  const open = db
    .prepare('SELECT DISTINCT inode FROM versions WHERE line = ? AND last = 2147483647')
    .pluck()
    .all(line) as number[];
  for (const inode of open) if (!told.has(inode)) intake.set(inode, undefined);
}
