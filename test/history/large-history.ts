import Database from 'better-sqlite3';
import { openHistory } from '../../main/history/history.ts';

export interface LargeHistory {
  readonly runs: number;
  readonly points: number;
}

const START_MS = Date.UTC(2024, 0, 1);
const MINUTE_MS = 60_000;
const KINDS = ['backup', 'snapshot', 'prune', 'restore', 'verify'];

/** A history of years: runs with their steps, points of twenty sources on the computer and a drive. */
export function makeLargeHistory(path: string, { runs, points }: LargeHistory): void {
  openHistory(path).close();
  const db = new Database(path);
  const run = db.prepare(
    `INSERT INTO runs (run_id, kind, state, title, started_at_ms, ended_at_ms, progress, steps,
       notes, error, source, result, plan_id, command_line, owner)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, '[]', NULL, NULL, NULL, ?, 'dendro send', 'nobody')`,
  );
  const log = db.prepare('INSERT INTO run_log (run_id, at_ms, text) VALUES (?, ?, ?)');
  const point = db.prepare(
    `INSERT INTO points (point_id, source_uuid, name, taken_at_ms, run_id, bytes, files)
     VALUES (?, ?, ?, ?, ?, 1000, 10)`,
  );
  const copy = db.prepare(
    'INSERT INTO point_copies (point_id, volume_id, subvolume_id, path, place) VALUES (?, ?, ?, ?, ?)',
  );
  const volume = db.prepare(
    'INSERT INTO volumes (volume_id, name, last_seen_at_ms) VALUES (?, ?, ?)',
  );
  db.transaction(() => {
    for (const [id, name] of [
      ['here', 'Laptop'],
      ['drive', 'Blue Drive'],
    ]) {
      volume.run(id, name, START_MS);
    }
    for (let i = 0; i < runs; i += 1) {
      const at = START_MS + i * 15 * MINUTE_MS;
      const state = i % 500 === 0 ? 'failed' : 'done';
      const kind = KINDS[i % KINDS.length];
      const planId = `plan-${i % 10}`;
      run.run(
        runId(i),
        kind,
        state,
        'Home to Blue Drive',
        at,
        at + MINUTE_MS,
        PROGRESS,
        STEPS,
        planId,
      );
      if (i % 10 === 0) log.run(runId(i), at, 'begins');
    }
    for (let i = 0; i < points; i += 1) {
      const id = uuid(i);
      point.run(id, uuid(1_000_000 + (i % 20)), `home.${i}`, START_MS + i * MINUTE_MS, runId(i));
      copy.run(id, 'here', 256 + i, `.dendro/home.${i}`, 'local');
      copy.run(id, 'drive', 256 + i, `backups/home.${i}`, 'drive');
    }
  })();
  db.close();
}

export function runId(i: number): string {
  return `run-${String(i).padStart(6, '0')}`;
}

export function uuid(i: number): string {
  return `00000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`;
}

const PROGRESS = JSON.stringify({
  ...{ bytes: 1_000, totalBytes: 1_000, files: 10, totalFiles: 10, percent: 100 },
  ...{ bytesPerSecond: 100, etaMs: null, current: '' },
});
const STEPS = JSON.stringify(
  ['snapshot', 'plan', 'send', 'check'].map((name) => ({
    ...{ name, state: 'done', startedAtMs: START_MS, endedAtMs: START_MS, detail: 'as it should' },
  })),
);
