import { bytesFromText } from '../../shared/model/bytes-text.ts';
import type { CatalogueDb } from './database.ts';

/** Inode of every subvolume's top directory. */
export const ROOT = 256;

/** A point, by its line. */
interface Moment {
  readonly line: number;
  readonly seq: number;
}

/** The newest point of each source over all of its lines, looked up once. */
export function newestPoints(db: CatalogueDb): (sourceUuid: string) => Moment | undefined {
  const known = new Map<string, Moment | undefined>();
  const look = db.prepare(
    `SELECT p.line, p.seq FROM lines l JOIN points p ON p.line = l.line
     WHERE l.source_uuid = ? ORDER BY p.taken_at_ms DESC LIMIT 1`,
  );
  return (sourceUuid) => {
    if (!known.has(sourceUuid)) known.set(sourceUuid, look.get(sourceUuid) as Moment | undefined);
    return known.get(sourceUuid);
  };
}

/** Whether a point has a path: in another line other inodes stand for it. */
export function pathsAt(db: CatalogueDb): (moment: Moment, path: string) => boolean {
  const inodeOf = db
    .prepare(
      `SELECT l.inode FROM names n JOIN links l ON l.name_id = n.name_id
       WHERE n.name = ? AND l.line = ? AND l.parent = ? AND l.first <= ? AND l.last >= ? LIMIT 1`,
    )
    .pluck();
  return ({ line, seq }, path) => {
    let inode = ROOT;
    for (const name of path.split('/')) {
      const bytes = Buffer.from(bytesFromText(name));
      const below = inodeOf.get(bytes, line, inode, seq, seq) as number | undefined;
      if (below === undefined) return false;
      inode = below;
    }
    return true;
  };
}
