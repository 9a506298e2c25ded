-- Purpose: what a copy was sent without; the last common parent of each place; points kept for ever.
CREATE TABLE sent_without (
  -- What the copy is received as: made from the point's uuid and the patterns.
  uuid TEXT PRIMARY KEY,
  point_id TEXT NOT NULL,
  -- JSON: patterns of gitignore(5).
  excludes TEXT NOT NULL
) STRICT;
CREATE INDEX sent_without_by_point ON sent_without (point_id);
CREATE TABLE pins (
  source_uuid TEXT NOT NULL,
  -- A volume's id, or the key of a plan's target that is no volume.
  place_id TEXT NOT NULL,
  point_id TEXT NOT NULL,
  sent_at_ms INTEGER NOT NULL,
  -- Set when a person let go of it.
  released_at_ms INTEGER,
  PRIMARY KEY (source_uuid, place_id)
) STRICT;
-- Why it is kept for ever; null: the rules decide.
ALTER TABLE points ADD COLUMN tag TEXT;
-- JSON: what this copy is without; null: nothing.
ALTER TABLE point_copies ADD COLUMN excludes TEXT;
