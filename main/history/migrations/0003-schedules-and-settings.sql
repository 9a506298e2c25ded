-- Purpose: what to do without being asked, and how a person likes it.
CREATE TABLE schedules (
  schedule_id TEXT PRIMARY KEY,
  -- JSON: ScheduleDraft of shared/model/schedule.ts.
  draft TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  last_run_id TEXT,
  last_run_at_ms INTEGER
) STRICT;
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  -- JSON.
  value TEXT NOT NULL
) STRICT;
