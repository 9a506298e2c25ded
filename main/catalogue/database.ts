import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DendroError, ioError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { makeFolders } from '../linux/make-folders.ts';

/** How long a writer waits for another process before it gives up. */
const BUSY_TIMEOUT_MS = 10_000;
const CACHE_KIB = 64 * 1024;

/** Stands for "up to the newest point" in an interval. */
export const OPEN = 2_147_483_647;

export type CatalogueDb = Database.Database;

/**
 * Opens, or makes, the catalogue. It holds nothing that is not on the volumes: a damaged one, or
 * one of another version, is thrown away and built anew.
 */
export function openDatabase(path: string): CatalogueDb {
  try {
    return tryOpen(path);
  } catch (error) {
    if (!isDamaged(error) && !(error instanceof WrongVersion)) throw explained(error, path);
    throwAway(path);
    return tryOpen(path);
  }
}

/** Is it what SQLite says of a file that it cannot read any more? */
export function isDamaged(error: unknown): boolean {
  const code = sqliteCode(error);
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

export function throwAway(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
}

/** What is wrong with the catalogue while it is used: on its disk, or what is no matter of it. */
export function inUse(error: unknown, path: string): unknown {
  if (sqliteCode(error) === '') return error;
  if (!isDamaged(error)) return explained(error, path);
  return ioError('catalogue-damaged', 'The catalogue was damaged, and has been thrown away.', {
    hint: 'It is built anew from snapshots and drives: dendro find --update',
    place: { path },
    cause: error,
  });
}

/**
 * Moves what was written from SQLite's log into the file: before the next large change, and after
 * the answer to the last. Where it fails, everything stands in the log, and the next time moves it.
 */
export function emptyLog(db: CatalogueDb): void {
  try {
    db.pragma('wal_checkpoint(PASSIVE)');
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
  }
}

class WrongVersion extends Error {}

function tryOpen(path: string): CatalogueDb {
  if (path !== ':memory:') makeFolders(dirname(path), 0o700);
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    // It can be built anew: a power cut may cost the last update, never more.
    db.pragma('synchronous = NORMAL');
    // See `emptyLog`: no answer waits for it.
    db.pragma('wal_autocheckpoint = 0');
    db.pragma(`cache_size = -${CACHE_KIB}`);
    db.pragma('foreign_keys = ON');
    migrate(db);
    // It tells what files people have: for its owner only.
    if (path !== ':memory:') chmodSync(path, 0o600);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: CatalogueDb): void {
  const folder = new URL('./migrations/', import.meta.url);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const version = (): number => db.pragma('user_version', { simple: true }) as number;
  if (version() > files.length) throw new WrongVersion();
  const step = db.transaction((index: number) => {
    if (version() > index) return; // another process came first
    db.exec(readFileSync(new URL(files[index]!, folder), 'utf8'));
    db.pragma(`user_version = ${index + 1}`);
  });
  for (let index = version(); index < files.length; index += 1) step.immediate(index);
}

function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : '';
}

function explained(error: unknown, path: string): Error {
  if (error instanceof DendroError) return error;
  return ioError(
    'catalogue-io',
    say`The catalogue cannot be used: ${{ reason: (error as Error).message }}`,
    {
      hint: 'See whether its folder can be written to and its disk has room; restoring needs no catalogue.',
      place: { path },
      cause: error,
    },
  );
}
