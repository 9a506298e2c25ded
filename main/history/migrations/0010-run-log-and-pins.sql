-- Purpose: a log for each run, and points that no rule may delete.
CREATE TABLE run_log (
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX run_log_by_run ON run_log (run_id, at_ms);
-- The last point that a source shares with each place: the parent of the next backup there.
CREATE TABLE pins (
  source_uuid TEXT NOT NULL,
  -- Key of the place: volume id, or targetKey of shared/model/plan.ts.
  place TEXT NOT NULL,
  point_id TEXT NOT NULL,
  place_name TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (source_uuid, place)
) STRICT;
-- Points that a person keeps for ever.
CREATE TABLE kept_points (
  point_id TEXT PRIMARY KEY,
  note TEXT NOT NULL,
  since_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_by_kind ON runs (kind, started_at_ms DESC);
