-- Purpose: restore points and volumes stay known while their drive is away.
CREATE TABLE volumes (
  volume_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- Set for an image or device that a person added by path.
  added_path TEXT,
  last_seen_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE points (
  point_id TEXT PRIMARY KEY,
  source_uuid TEXT,
  name TEXT NOT NULL,
  taken_at_ms INTEGER NOT NULL,
  -- From the backup that made it; null when another tool did.
  run_id TEXT,
  bytes INTEGER,
  files INTEGER,
  parent_point_id TEXT
) STRICT;
CREATE INDEX points_by_source ON points (source_uuid, taken_at_ms DESC);
CREATE TABLE point_copies (
  point_id TEXT NOT NULL REFERENCES points ON DELETE CASCADE,
  volume_id TEXT NOT NULL,
  subvolume_id INTEGER NOT NULL,
  path TEXT NOT NULL,
  place TEXT NOT NULL,
  PRIMARY KEY (volume_id, subvolume_id)
) STRICT;
CREATE INDEX point_copies_by_point ON point_copies (point_id);
