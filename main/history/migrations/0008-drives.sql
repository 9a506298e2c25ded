-- Drives that were given to Dendro, and when each was last plugged in.
CREATE TABLE drives (
  drive_id TEXT PRIMARY KEY,
  record TEXT NOT NULL,
  last_seen_at_ms INTEGER NOT NULL
) STRICT;
