-- Purpose: undoing a restore puts back what stood there before, and takes away folders it made.
ALTER TABLE restored_items ADD COLUMN kept TEXT;
CREATE TABLE restored_folders (
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  -- In the order in which they were made: the topmost first.
  position INTEGER NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY (run_id, position)
) STRICT;
