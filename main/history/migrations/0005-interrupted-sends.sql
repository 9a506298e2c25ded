-- Purpose: a backup that failed half-way goes on where it stopped, with the same snapshot.
CREATE TABLE interrupted_sends (
  source_volume_id TEXT NOT NULL,
  source_subvolume_id INTEGER NOT NULL,
  target_volume_id TEXT NOT NULL,
  folder TEXT NOT NULL,
  snapshot_id INTEGER NOT NULL,
  snapshot_uuid TEXT NOT NULL,
  -- Null for a full send.
  parent_id INTEGER,
  -- What decides the commands of the stream; a leftover of any other is not gone on with.
  fingerprint TEXT NOT NULL,
  -- When the receive began: tells this leftover from a later one of the same name.
  began_at_ms INTEGER NOT NULL,
  PRIMARY KEY (source_volume_id, source_subvolume_id, target_volume_id, folder)
) STRICT;
