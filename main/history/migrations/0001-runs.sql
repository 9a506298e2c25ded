-- Purpose: what Dendro did. A run and its steps outlive the process that made them.
CREATE TABLE runs (
  run_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  title TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  -- JSON: the last progress that was recorded.
  progress TEXT NOT NULL,
  -- JSON arrays and objects, in the shapes of shared/model/run.ts.
  steps TEXT NOT NULL,
  notes TEXT NOT NULL,
  error TEXT,
  source TEXT,
  result TEXT,
  schedule_id TEXT,
  command_line TEXT NOT NULL,
  -- The process that carries it out: boot id, process id and start time.
  owner TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_start ON runs (started_at_ms DESC);
CREATE INDEX runs_by_state ON runs (state, started_at_ms DESC);
CREATE INDEX runs_by_schedule ON runs (schedule_id, started_at_ms DESC);
