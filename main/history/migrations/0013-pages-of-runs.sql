-- Purpose: a page of runs, however far down, is found in the index alone: by order, state or kind.
DROP INDEX runs_by_start;
DROP INDEX runs_by_state;
DROP INDEX runs_by_kind;
CREATE INDEX runs_by_start ON runs (started_at_ms DESC, run_id DESC);
CREATE INDEX runs_by_state ON runs (state, started_at_ms DESC, run_id DESC);
CREATE INDEX runs_by_kind ON runs (kind, started_at_ms DESC, run_id DESC);
CREATE INDEX points_by_time ON points (taken_at_ms DESC, point_id);
