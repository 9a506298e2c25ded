-- Purpose: a log for each run.
CREATE TABLE run_log (
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX run_log_by_run ON run_log (run_id, at_ms);
CREATE INDEX runs_by_kind ON runs (kind, started_at_ms DESC);
