import { textFromBytes } from '../../shared/model/bytes-text.ts';
import { OPEN, type CatalogueDb } from './database.ts';

/** What a point says of one inode but its names. */
export interface InodeFacts {
  readonly inode: number;
  /** FILE_TYPE. */
  readonly type: number;
  readonly size: number;
  readonly modifiedMs: number;
  readonly transid: number;
}

export interface InodeState extends InodeFacts {
  readonly names: readonly { readonly parent: number; readonly name: Uint8Array }[];
}

interface LinkRow {
  readonly parent: number;
  readonly nameId: number;
  readonly first: number;
}
interface VersionRow {
  readonly first: number;
  readonly type: number;
  readonly size: number;
  readonly modifiedMs: number;
  readonly transid: number;
}

/** Marks around a name in the index; no name has them. */
export const START = '\u0001';
export const END = '\u0002';

/**
 * Takes inodes of one point in. What is there is compared with, so that an inode that did not
 * change costs nothing and one told twice is no harm.
 */
export class Intake {
  readonly #line: number;
  readonly #seq: number;
  readonly #nameIds = new Map<string, number>();
  readonly #statements;

  /** @param seq of the point that is taken in. */
  constructor(db: CatalogueDb, line: number, seq: number) {
    this.#line = line;
    this.#seq = seq;
    this.#statements = {
      links: db.prepare(
        `SELECT parent, name_id AS nameId, first FROM links WHERE line = ? AND inode = ? AND last = ${OPEN}`,
      ),
      closeLink: db.prepare(
        'UPDATE links SET last = ? WHERE line = ? AND inode = ? AND parent = ? AND name_id = ? AND first = ?',
      ),
      addLink: db.prepare(`INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?, ?, ${OPEN})`),
      version: db.prepare(
        `SELECT first, type, size, modified_ms AS modifiedMs, transid FROM versions
         WHERE line = ? AND inode = ? AND last = ${OPEN}`,
      ),
      closeVersion: db.prepare(
        'UPDATE versions SET last = ? WHERE line = ? AND inode = ? AND first = ?',
      ),
      addVersion: db.prepare(
        `INSERT OR REPLACE INTO versions (line, inode, first, last, type, size, modified_ms, transid)
         VALUES (?, ?, ?, ${OPEN}, ?, ?, ?, ?)`,
      ),
      nameId: db.prepare('SELECT name_id FROM names WHERE name = ?').pluck(),
      addName: db.prepare('INSERT INTO names (name) VALUES (?)'),
      addToIndex: db.prepare('INSERT INTO name_index (rowid, name) VALUES (?, ?)'),
    };
  }

  /** The first point of a line: there is nothing to compare with. */
  addNew(state: InodeState): void {
    for (const { parent, name } of state.names) this.#addLink(state.inode, parent, this.#id(name));
    this.#addVersion(state);
  }

  /** An inode as it is in the point; undefined: it is not there any more. */
  set(inode: number, state: InodeState | undefined): void {
    this.#setLinks(inode, state?.names ?? []);
    this.setFacts(inode, state);
  }

  /** An inode whose names are those of the point before. */
  setFacts(inode: number, state: InodeFacts | undefined): void {
    const before = this.#statements.version.get(this.#line, inode) as VersionRow | undefined;
    if (before !== undefined && state !== undefined && isSame(before, state)) return;
    if (before !== undefined) {
      this.#statements.closeVersion.run(this.#seq - 1, this.#line, inode, before.first);
    }
    if (state !== undefined) this.#addVersion(state);
  }

  #setLinks(inode: number, names: InodeState['names']): void {
    const wanted = new Map(
      names.map(({ parent, name }) => {
        const id = this.#id(name);
        return [`${parent} ${id}`, { parent, id }] as const;
      }),
    );
    for (const row of this.#statements.links.all(this.#line, inode) as LinkRow[]) {
      const isKept = wanted.delete(`${row.parent} ${row.nameId}`);
      if (isKept) continue;
      const { parent, nameId, first } = row;
      this.#statements.closeLink.run(this.#seq - 1, this.#line, inode, parent, nameId, first);
    }
    for (const { parent, id } of wanted.values()) this.#addLink(inode, parent, id);
  }

  #addLink(inode: number, parent: number, nameId: number): void {
    this.#statements.addLink.run(this.#line, inode, parent, nameId, this.#seq);
  }

  #addVersion({ inode, type, size, modifiedMs, transid }: InodeFacts): void {
    this.#statements.addVersion.run(this.#line, inode, this.#seq, type, size, modifiedMs, transid);
  }

  #id(name: Uint8Array): number {
    const bytes = Buffer.from(name);
    const key = bytes.toString('latin1');
    const known = this.#nameIds.get(key);
    if (known !== undefined) return known;
    const id = (this.#statements.nameId.get(bytes) as number | undefined) ?? this.#addName(bytes);
    // The same names come again and again in one folder after the other.
    if (this.#nameIds.size > 100_000) this.#nameIds.clear();
    this.#nameIds.set(key, id);
    return id;
  }

  #addName(bytes: Buffer): number {
    const id = Number(this.#statements.addName.run(bytes).lastInsertRowid);
    this.#statements.addToIndex.run(id, indexed(bytes));
    return id;
  }
}

/** How a name stands in the index: what is not text is replaced, as it cannot be typed. */
export function indexed(name: Uint8Array): string {
  return `${START}${textFromBytes(name).toWellFormed()}${END}`;
}

function isSame(row: VersionRow, state: InodeFacts): boolean {
  return (
    row.type === state.type &&
    row.size === state.size &&
    row.modifiedMs === state.modifiedMs &&
    row.transid === state.transid
  );
}
