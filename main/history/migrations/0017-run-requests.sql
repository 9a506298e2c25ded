-- Purpose: what a run was asked for, so that it can be asked for again; never with a key in it.
CREATE TABLE run_requests (
  run_id TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
  request TEXT NOT NULL
) STRICT;
ALTER TABLE runs ADD COLUMN can_repeat INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET can_repeat = 1 WHERE plan_id IS NOT NULL;
