-- Purpose: a restore can be undone. What it made, and how that looked when it was done.
CREATE TABLE restored_items (
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  path TEXT NOT NULL,
  -- Says whether anybody changed it since.
  fingerprint TEXT NOT NULL,
  PRIMARY KEY (run_id, path)
) STRICT;
