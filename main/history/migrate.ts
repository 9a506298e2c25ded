import { readdirSync, readFileSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { bug, conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';

const MIGRATION_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/**
 * Brings a database up to date. Each file of `migrations/` (NNNN-purpose.sql) runs once, in
 * order, each in its own transaction together with `user_version`, which holds the number of
 * the last one.
 *
 * @throws Conflict when the database was written by a newer Dendro.
 */
export function migrate(database: Database.Database, migrations = readMigrations()): void {
  const newest = migrations.length;
  const found = database.pragma('user_version', { simple: true }) as number;
  if (found > newest) throw tooNew(database.name, found, newest);
  const step = database.transaction(({ number, sql }: Migration) => {
    // Another process may have come first: look again now that the lock is held.
    if ((database.pragma('user_version', { simple: true }) as number) >= number) return;
    database.exec(sql);
    database.pragma(`user_version = ${number}`);
  });
  for (const migration of migrations.slice(found)) step.immediate(migration);
}

export function readMigrations(folder = new URL('./migrations/', import.meta.url)): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name, index) => {
    const number = Number(MIGRATION_NAME.exec(name)?.[1]);
    if (number !== index + 1) throw bug(`migration ${name} is not number ${index + 1}`);
    return { number, name, sql: readFileSync(new URL(name, folder), 'utf8') };
  });
}

function tooNew(path: string, found: number, newest: number): Error {
  return conflict(
    'history-too-new',
    say`The history was written by a newer Dendro (format ${{ found }}, this one knows ${{ newest }}).`,
    {
      hint: 'Use that newer Dendro, or move the file away to begin a new history.',
      place: { path },
    },
  );
}
