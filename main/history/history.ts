import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { DriveHistory } from './drives.ts';
import { InterruptedSendHistory } from './interrupted-sends.ts';
import { migrate } from './migrate.ts';
import { NoticeHistory } from './notices.ts';
import { PinHistory } from './pins.ts';
import { PointHistory } from './points.ts';
import { RestoreHistory } from './restores.ts';
import { RunLog } from './run-log.ts';
import { RunHistory } from './runs.ts';
import { PlanHistory } from './plans.ts';
import { SentWithoutHistory } from './sent-without.ts';
import { SettingsHistory } from './settings.ts';
import { SourcePathHistory } from './source-paths.ts';
import { openingTrouble } from './trouble.ts';
import { makeFolders } from '../linux/make-folders.ts';

/** How long a writer waits for another process before it gives up. */
const BUSY_TIMEOUT_MS = 5_000;

export type Db = BetterSQLite3Database;

/**
 * What Dendro remembers: runs, restore points, plans, settings. One SQLite file, written
 * by service and CLI at once (WAL), safe against kill -9 at any moment. Nothing in it is
 * needed for a restore: the volumes themselves say what they hold.
 */
export interface History {
  readonly path: string;
  readonly runs: RunHistory;
  readonly points: PointHistory;
  readonly runLog: RunLog;
  readonly plans: PlanHistory;
  readonly drives: DriveHistory;
  readonly notices: NoticeHistory;
  readonly settings: SettingsHistory;
  readonly restores: RestoreHistory;
  readonly interruptedSends: InterruptedSendHistory;
  readonly pins: PinHistory;
  readonly sentWithout: SentWithoutHistory;
  readonly sourcePaths: SourcePathHistory;
  /** What is wrong with the file itself, by SQLite's own quick look; null: nothing. */
  problem(): string | null;
  close(): void;
}

/**
 * Opens, or makes, the history at `path` (':memory:' for tests).
 *
 * @throws Denied, Io, Corrupt when the file cannot be used; Conflict when it is of a newer Dendro.
 */
export function openHistory(path: string): History {
  const database = opened(path);
  const db = drizzle(database);
  return {
    path,
    runs: new RunHistory(db),
    points: new PointHistory(db),
    runLog: new RunLog(db),
    plans: new PlanHistory(db),
    drives: new DriveHistory(db),
    notices: new NoticeHistory(db),
    settings: new SettingsHistory(db),
    restores: new RestoreHistory(db),
    interruptedSends: new InterruptedSendHistory(db),
    pins: new PinHistory(db),
    sentWithout: new SentWithoutHistory(db),
    sourcePaths: new SourcePathHistory(db),
    problem: () => {
      const found = String(database.pragma('quick_check(1)', { simple: true }));
      return found === 'ok' ? null : found;
    },
    close: () => database.close(),
  };
}

function opened(path: string): Database.Database {
  try {
    if (path !== ':memory:') makeFolders(dirname(path), 0o700);
    const database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    migrate(database);
    // It tells what files people have: for its owner only.
    if (path !== ':memory:') chmodSync(path, 0o600);
    return database;
  } catch (error) {
    throw openingTrouble(error, path);
  }
}
