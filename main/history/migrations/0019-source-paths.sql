-- Purpose: which subvolume stood at a path when it was last looked at. After a rollback another one
-- stands there, and goes on with its restore points.
CREATE TABLE source_paths (
  volume_id TEXT NOT NULL,
  path TEXT NOT NULL,
  uuid TEXT NOT NULL,
  -- The one that stood there before it and that it goes on with.
  former_uuid TEXT,
  PRIMARY KEY (volume_id, path)
) STRICT;
