import { bytesFromText } from '../../shared/model/bytes-text.ts';
import type { CatalogueDb } from './database.ts';
import { ROOT } from './moments.ts';

/** A name in a folder of a line. */
export interface NameInFolder {
  readonly line: number;
  readonly parent: number;
  readonly nameId: number;
  readonly name: Buffer;
}

interface PathInLine {
  readonly sourceUuid: string;
  readonly line: number;
  readonly path: string;
}

/**
 * Where a path may have stood, at any time, in the other lines of its source. There are some where
 * a drive's points were taken in first: after a lost catalogue, or on another computer.
 */
export function inOtherLines(db: CatalogueDb): (found: PathInLine) => NameInFolder[] {
  const linesOf = db.prepare('SELECT line FROM lines WHERE source_uuid = ?').pluck();
  const idOf = db.prepare('SELECT name_id FROM names WHERE name = ?').pluck();
  const inodesOf = db
    .prepare('SELECT DISTINCT inode FROM links WHERE name_id = ? AND line = ? AND parent = ?')
    .pluck();
  const known = new Map<string, readonly number[]>();
  return ({ sourceUuid, line, path }) => {
    const all = known.get(sourceUuid) ?? (linesOf.all(sourceUuid) as number[]);
    known.set(sourceUuid, all);
    if (all.length < 2) return [];
    const names = path.split('/').map((name) => Buffer.from(bytesFromText(name)));
    const ids = names.map((name) => idOf.get(name) as number);
    const own = { nameId: ids.pop()!, name: names.pop()! };
    const others = all.filter((other) => other !== line);
    return others.flatMap((other) => {
      let folders = new Set([ROOT]);
      for (const id of ids)
        folders = new Set([...folders].flatMap((at) => inodesOf.all(id, other, at) as number[]));
      return [...folders].map((parent) => ({ line: other, parent, ...own }));
    });
  };
}
