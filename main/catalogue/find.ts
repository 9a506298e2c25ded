import { bytesFromText, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { CatalogueQuery } from '../../shared/model/catalogue.ts';
import { FILE_TYPE } from '../engine/format/constants.ts';
import { compileGlob, type NameMatcher } from '../engine/inspect/index.ts';
import { OPEN, type CatalogueDb } from './database.ts';
import { END, START } from './intake.ts';
import { newestPoints, pathsAt, ROOT } from './moments.ts';
import { inOtherLines, type NameInFolder } from './other-lines.ts';

/**
 * One name in a folder, with what its versions come to: a program that saves by writing anew and
 * renaming makes another inode each time, and it is the same file to a person. So it is where the
 * points of several volumes have it.
 */
export interface FoundFile {
  /** Of the newest point that has it. */
  readonly line: number;
  readonly sourceUuid: string;
  readonly sourceName: string;
  readonly volumeId: string;
  /** In the newest point that has it. */
  readonly path: string;
  readonly type: number;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly versions: number;
  /** The newest point of the source, whatever line that is in, has nothing at that path. */
  readonly isDeleted: boolean;
  readonly firstPointMs: number;
  readonly lastPointMs: number;
  /** The newest point that has it. */
  readonly pointId: string;
}

/** What had the name, in the points from first to last. */
interface Holder {
  readonly inode: number;
  readonly first: number;
  readonly last: number;
}

/** A point of a line. */
interface Point {
  readonly pointId: string;
  readonly takenAtMs: number;
  readonly seq: number;
}

interface Version {
  readonly type: number;
  readonly size: number;
  readonly modifiedMs: number;
  readonly count: number;
}

/** Fewer characters are not in the trigram index. */
const TRIGRAM = 3;
/** Rows looked at before a rare match among frequent names is given up for this page. */
const MAX_LOOKED_AT = 2_000_000;
const MAX_DEPTH = 4_096;

/** Finds as long as it is asked for more; the first ones come at once. */
export function* findFiles(db: CatalogueDb, query: CatalogueQuery): Generator<FoundFile, void> {
  const describe = describer(db);
  const elsewhere = inOtherLines(db);
  const countStates = stateCounter(db);
  let looked = 0;
  let before = '';
  const seen = new Set<string>();
  for (const candidate of candidates(db, query)) {
    if ((looked += 1) > MAX_LOOKED_AT) return;
    const key = keyOf(candidate);
    if (key === before || seen.has(key)) continue;
    before = key;
    const found = describe(candidate, query);
    if (found === undefined) continue;
    const others = elsewhere(found).flatMap((place) => {
      const other = describe(place, query);
      return other?.path === found.path ? [{ place, other }] : [];
    });
    const places = [candidate, ...others.map(({ place }) => place)];
    for (const place of places) seen.add(keyOf(place));
    if (others.length === 0) yield found;
    else yield joined([found, ...others.map(({ other }) => other)], countStates(places, query));
  }
}

const keyOf = ({ line, parent, nameId }: NameInFolder): string => `${line} ${parent} ${nameId}`;

/** What the lines of a source have at one path. */
function joined(parts: readonly FoundFile[], versions: number): FoundFile {
  const newest = parts.reduce((one, other) => (other.lastPointMs > one.lastPointMs ? other : one));
  const firstPointMs = Math.min(...parts.map((part) => part.firstPointMs));
  return { ...newest, firstPointMs, versions };
}

/** Each line has a version that both have: told by what is the same in all of them, they are one. */
function stateCounter(
  db: CatalogueDb,
): (places: readonly NameInFolder[], query: CatalogueQuery) => number {
  const statesOf = db
    .prepare(
      `SELECT DISTINCT v.type, v.size, v.modified_ms FROM links l
       JOIN versions v ON v.line = l.line AND v.inode = l.inode
         AND v.first <= l.last AND v.last >= l.first
       WHERE l.line = ? AND l.parent = ? AND l.name_id = ?
         AND v.size BETWEEN ? AND ? AND v.modified_ms BETWEEN ? AND ?`,
    )
    .raw();
  return (places, query) =>
    new Set(
      places.flatMap(({ line, parent, nameId }) =>
        statesOf.all(line, parent, nameId, ...limitsOf(query)).map(String),
      ),
    ).size;
}

const COLUMNS = 'l.line, l.parent, l.name_id AS nameId, n.name';

/** By name where there is one, else by size or time: whatever has an index. */
function candidates(db: CatalogueDb, query: CatalogueQuery): Iterable<NameInFolder> {
  const { text } = query;
  if (text !== '') {
    const matches = matcherOf(query);
    const terms = termsOf(query).filter((term) => [...term].length >= TRIGRAM);
    if (terms.length === 0) return byEveryName(db, matches);
    const rows = db
      .prepare(
        `SELECT ${COLUMNS} FROM name_index i JOIN names n ON n.name_id = i.rowid
         JOIN links l ON l.name_id = n.name_id WHERE name_index MATCH ?`,
      )
      .iterate(terms.map((term) => `"${term.replaceAll('"', '""')}"`).join(' AND '));
    return matching(rows as Iterable<NameInFolder>, matches);
  }
  const join = `SELECT ${COLUMNS} FROM versions v
    JOIN links l ON l.line = v.line AND l.inode = v.inode AND l.first <= v.last AND l.last >= v.first
    JOIN names n ON n.name_id = l.name_id`;
  if ((query.minBytes ?? 0) >= 1_048_576) {
    return db
      .prepare(`${join} WHERE v.size >= ? AND v.size >= 1048576 ORDER BY v.size DESC`)
      .iterate(query.minBytes) as Iterable<NameInFolder>;
  }
  const [from, to] = [query.modifiedFromMs ?? -8.64e15, query.modifiedToMs ?? 8.64e15];
  return db
    .prepare(`${join} WHERE v.modified_ms BETWEEN ? AND ? ORDER BY v.modified_ms DESC`)
    .iterate(from, to) as Iterable<NameInFolder>;
}

/** For what the index does not know: names alone are gone through, links only of those that match. */
function* byEveryName(db: CatalogueDb, matches: NameMatcher): Generator<NameInFolder> {
  const linksOf = db.prepare(
    `SELECT ${COLUMNS} FROM names n JOIN links l ON l.name_id = n.name_id WHERE n.name_id = ?`,
  );
  const names = db.prepare('SELECT name_id, name FROM names').raw().iterate();
  for (const [nameId, name] of names as Iterable<[number, Buffer]>) {
    if (matches(name, 0, name.length)) yield* linksOf.iterate(nameId) as Iterable<NameInFolder>;
  }
}

function* matching(rows: Iterable<NameInFolder>, matches: NameMatcher): Generator<NameInFolder> {
  for (const row of rows) if (matches(row.name, 0, row.name.length)) yield row;
}

/** What must be in the marked name, for the index; the matcher has the last word. */
function termsOf({ text, how }: CatalogueQuery): string[] {
  switch (how) {
    case 'name':
      return [`${START}${text}${END}`];
    case 'extension':
      return [`.${text.replace(/^\./, '')}${END}`];
    case 'substring':
      return [text];
    case 'glob': {
      const marked = `${text.startsWith('*') ? '' : START}${text}${text.endsWith('*') ? '' : END}`;
      return marked.split(/\*+|\?|\[[^\]]*\]|\\/).filter((part) => part !== '');
    }
  }
}

function matcherOf({ text, how }: CatalogueQuery): NameMatcher {
  const literal = text.replace(/[\\*?[\]]/g, '\\$&');
  const glob = {
    name: literal,
    extension: `*.${literal.replace(/^\./, '')}`,
    substring: `*${literal}*`,
    glob: text,
  }[how];
  const matches = compileGlob(bytesFromText(glob), true);
  if (how === 'glob' || /^[\x20-\x7e]*$/.test(text)) return matches;
  // Beyond ASCII the index and people fold case by Unicode.
  const folded = text.toLowerCase();
  return (bytes, start, end) => {
    const own = textFromBytes(bytes.subarray(start, end)).toLowerCase();
    if (how === 'name') return own === folded;
    return how === 'extension' ? own.endsWith(`.${folded}`) : own.includes(folded);
  };
}

/** Looks up what a name leads to, and drops what the query does not want. */
function describer(
  db: CatalogueDb,
): (candidate: NameInFolder, query: CatalogueQuery) => FoundFile | undefined {
  const holdersOf = db.prepare(
    `SELECT inode, first, last FROM links WHERE line = ? AND parent = ? AND name_id = ?
     ORDER BY last DESC, first DESC`,
  );
  const versions = db.prepare(
    `SELECT type, size, modified_ms AS modifiedMs, count(*) OVER () AS count FROM versions
     WHERE line = ? AND inode = ? AND first <= ? AND last >= ?
       AND size BETWEEN ? AND ? AND modified_ms BETWEEN ? AND ? ORDER BY first DESC LIMIT 1`,
  );
  const lineOf = db.prepare(
    `SELECT source_uuid AS sourceUuid, source_name AS sourceName, volume_id AS volumeId
     FROM lines WHERE line = ?`,
  );
  const newestOf = newestPoints(db);
  const isThere = pathsAt(db);
  const pointsIn = db.prepare(
    `SELECT point_id AS pointId, taken_at_ms AS takenAtMs, seq FROM points
     WHERE line = ? AND seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT 1`,
  );
  const firstIn = db
    .prepare('SELECT taken_at_ms FROM points WHERE line = ? AND seq >= ? ORDER BY seq LIMIT 1')
    .pluck();
  const above = db.prepare(
    `SELECT l.parent, n.name FROM links l JOIN names n ON n.name_id = l.name_id
     WHERE l.line = ? AND l.inode = ? AND l.first <= ? AND l.last >= ? LIMIT 1`,
  );
  const pathOf = (line: number, parent: number, name: Buffer, seq: number): string => {
    const parts = [textFromBytes(name)];
    for (let at = parent, depth = 0; at !== ROOT && depth < MAX_DEPTH; depth += 1) {
      const row = above.get(line, at, seq, seq) as { parent: number; name: Buffer } | undefined;
      if (row === undefined || row.parent === at) break;
      parts.push(textFromBytes(row.name));
      at = row.parent;
    }
    return parts.reverse().join('/');
  };
  const versionOf = (
    line: number,
    { inode, first, last }: Holder,
    query: CatalogueQuery,
  ): Version | undefined => {
    const found = versions.get(line, inode, last, first, ...limitsOf(query)) as Version | undefined;
    return query.filesOnly && found?.type !== FILE_TYPE.regular ? undefined : found;
  };
  return ({ line, parent, nameId, name }, query) => {
    const own = lineOf.get(line) as
      { sourceUuid: string; sourceName: string; volumeId: string } | undefined;
    if (own === undefined) return undefined;
    if (query.sourceUuid !== undefined && own.sourceUuid !== query.sourceUuid) return undefined;
    const holders = holdersOf.all(line, parent, nameId) as Holder[];
    const now = newestOf(own.sourceUuid);
    // In another line than that of the newest point the path tells, which is not known yet.
    const isGone =
      now?.line === line
        ? !holders.some(({ last }) => last === OPEN || last >= now.seq)
        : undefined;
    if (isGone !== undefined && !isWanted(isGone, query)) return undefined;
    const fitting = holders.flatMap((holder) => {
      const version = versionOf(line, holder, query);
      const point = version && (pointsIn.get(line, holder.first, holder.last) as Point | undefined);
      return version && point ? [{ holder, version, point }] : [];
    });
    const [newest] = fitting;
    if (newest === undefined) return undefined;
    const { version, point } = newest;
    const path = pathOf(line, parent, name, point.seq);
    const isDeleted = isGone ?? (now !== undefined && !isThere(now, path));
    if (!isWanted(isDeleted, query)) return undefined;
    const { sourceUuid, sourceName, volumeId } = own;
    const first = Math.min(...fitting.map(({ holder }) => holder.first));
    return {
      line,
      sourceUuid,
      sourceName,
      volumeId,
      path,
      type: version.type,
      sizeBytes: version.size,
      modifiedAtMs: version.modifiedMs,
      versions: fitting.reduce((sum, one) => sum + one.version.count, 0),
      isDeleted,
      firstPointMs: firstIn.get(line, first) as number,
      lastPointMs: point.takenAtMs,
      pointId: point.pointId,
    };
  };
}

/** From and to: of sizes, and of times. */
function limitsOf(query: CatalogueQuery): number[] {
  return [
    query.minBytes ?? 0,
    query.maxBytes ?? Number.MAX_SAFE_INTEGER,
    query.modifiedFromMs ?? -8.64e15,
    query.modifiedToMs ?? 8.64e15,
  ];
}

function isWanted(isDeleted: boolean, { deleted }: CatalogueQuery): boolean {
  return deleted === 'any' || isDeleted === (deleted === 'only');
}
