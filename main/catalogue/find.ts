import { bytesFromText, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { CatalogueQuery } from '../../shared/model/catalogue.ts';
import { FILE_TYPE } from '../engine/format/constants.ts';
import { compileGlob, type NameMatcher } from '../engine/inspect/index.ts';
import { OPEN, type CatalogueDb } from './database.ts';
import { END, START } from './intake.ts';

/** One name of an inode in a line, with what its versions come to. */
export interface FoundFile {
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
  /** The newest point of the line does not have it. */
  readonly isDeleted: boolean;
  readonly firstPointMs: number;
  readonly lastPointMs: number;
  /** The newest point that has it. */
  readonly pointId: string;
}

interface Candidate {
  readonly line: number;
  readonly inode: number;
  readonly parent: number;
  readonly nameId: number;
  readonly name: Buffer;
  readonly first: number;
  readonly last: number;
}

/** Fewer characters are not in the trigram index. */
const TRIGRAM = 3;
/** Rows looked at before a rare match among frequent names is given up for this page. */
const MAX_LOOKED_AT = 2_000_000;
const MAX_DEPTH = 4_096;

/** Finds as long as it is asked for more; the first ones come at once. */
export function* findFiles(db: CatalogueDb, query: CatalogueQuery): Generator<FoundFile, void> {
  const describe = describer(db);
  let looked = 0;
  const seen = new Set<string>();
  for (const candidate of candidates(db, query)) {
    if ((looked += 1) > MAX_LOOKED_AT) return;
    const { line, inode, parent, nameId, first } = candidate;
    const key = `${line} ${inode} ${parent} ${nameId} ${first}`;
    if (seen.has(key)) continue;
    const found = describe(candidate, query);
    if (found === undefined) continue;
    seen.add(key);
    yield found;
  }
}

const COLUMNS = 'l.line, l.inode, l.parent, l.name_id AS nameId, n.name, l.first, l.last';

/** By name where there is one, else by size or time: whatever has an index. */
function candidates(db: CatalogueDb, query: CatalogueQuery): Iterable<Candidate> {
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
    return matching(rows as Iterable<Candidate>, matches);
  }
  const join = `SELECT ${COLUMNS} FROM versions v
    JOIN links l ON l.line = v.line AND l.inode = v.inode AND l.first <= v.last AND l.last >= v.first
    JOIN names n ON n.name_id = l.name_id`;
  if ((query.minBytes ?? 0) >= 1_048_576) {
    return db
      .prepare(`${join} WHERE v.size >= ? AND v.size >= 1048576 ORDER BY v.size DESC`)
      .iterate(query.minBytes) as Iterable<Candidate>;
  }
  const [from, to] = [query.modifiedFromMs ?? -8.64e15, query.modifiedToMs ?? 8.64e15];
  return db
    .prepare(`${join} WHERE v.modified_ms BETWEEN ? AND ? ORDER BY v.modified_ms DESC`)
    .iterate(from, to) as Iterable<Candidate>;
}

/** For what the index does not know: names alone are gone through, links only of those that match. */
function* byEveryName(db: CatalogueDb, matches: NameMatcher): Generator<Candidate> {
  const linksOf = db.prepare(
    `SELECT ${COLUMNS} FROM names n JOIN links l ON l.name_id = n.name_id WHERE n.name_id = ?`,
  );
  const names = db.prepare('SELECT name_id, name FROM names').raw().iterate();
  for (const [nameId, name] of names as Iterable<[number, Buffer]>) {
    if (matches(name, 0, name.length)) yield* linksOf.iterate(nameId) as Iterable<Candidate>;
  }
}

function* matching(rows: Iterable<Candidate>, matches: NameMatcher): Generator<Candidate> {
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
): (candidate: Candidate, query: CatalogueQuery) => FoundFile | undefined {
  const versions = db.prepare(
    `SELECT type, size, modified_ms AS modifiedMs, count(*) OVER () AS count FROM versions
     WHERE line = ? AND inode = ? AND first <= ? AND last >= ?
       AND size BETWEEN ? AND ? AND modified_ms BETWEEN ? AND ? ORDER BY first DESC LIMIT 1`,
  );
  const lineOf = db.prepare(
    `SELECT source_uuid AS sourceUuid, source_name AS sourceName, volume_id AS volumeId,
            (SELECT max(seq) FROM points p WHERE p.line = l.line) AS newest
     FROM lines l WHERE line = ?`,
  );
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
  return ({ line, inode, parent, name, first, last }, query) => {
    const own = lineOf.get(line) as
      { sourceUuid: string; sourceName: string; volumeId: string; newest: number } | undefined;
    if (own === undefined) return undefined;
    if (query.sourceUuid !== undefined && own.sourceUuid !== query.sourceUuid) return undefined;
    const isDeleted = last !== OPEN && last < own.newest;
    if (query.deleted === 'only' && !isDeleted) return undefined;
    if (query.deleted === 'no' && isDeleted) return undefined;
    const version = versions.get(
      line,
      inode,
      last,
      first,
      query.minBytes ?? 0,
      query.maxBytes ?? Number.MAX_SAFE_INTEGER,
      query.modifiedFromMs ?? -8.64e15,
      query.modifiedToMs ?? 8.64e15,
    ) as { type: number; size: number; modifiedMs: number; count: number } | undefined;
    if (version === undefined) return undefined;
    if (query.filesOnly && version.type !== FILE_TYPE.regular) return undefined;
    const point = pointsIn.get(line, first, last) as
      { pointId: string; takenAtMs: number; seq: number } | undefined;
    if (point === undefined) return undefined;
    const { sourceUuid, sourceName, volumeId } = own;
    return {
      line,
      sourceUuid,
      sourceName,
      volumeId,
      path: pathOf(line, parent, name, point.seq),
      type: version.type,
      sizeBytes: version.size,
      modifiedAtMs: version.modifiedMs,
      versions: version.count,
      isDeleted,
      firstPointMs: firstIn.get(line, first) as number,
      lastPointMs: point.takenAtMs,
      pointId: point.pointId,
    };
  };
}

/** Inode of every subvolume's top directory. */
const ROOT = 256;
