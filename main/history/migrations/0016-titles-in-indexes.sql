-- Purpose: runs are searched by their title in the index alone, without reading whole rows.
DROP INDEX runs_by_start;
DROP INDEX runs_by_state;
DROP INDEX runs_by_kind;
CREATE INDEX runs_by_start ON runs (started_at_ms DESC, run_id DESC, title);
CREATE INDEX runs_by_state ON runs (state, started_at_ms DESC, run_id DESC, title);
CREATE INDEX runs_by_kind ON runs (kind, started_at_ms DESC, run_id DESC, title);
