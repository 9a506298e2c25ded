-- Purpose: find a file by its name, size or time in every restore point, also of drives away.
-- A line is the restore points of one source on one volume: inode numbers mean the same there.
CREATE TABLE lines (
  line INTEGER PRIMARY KEY,
  source_uuid TEXT NOT NULL,
  source_name TEXT NOT NULL,
  volume_id TEXT NOT NULL,
  UNIQUE (source_uuid, volume_id)
) STRICT;
-- What a person has switched off.
CREATE TABLE off (source_uuid TEXT PRIMARY KEY) STRICT;
CREATE TABLE points (
  line INTEGER NOT NULL REFERENCES lines ON DELETE CASCADE,
  -- Counts up in the order of time; an interval of points is two of these.
  seq INTEGER NOT NULL,
  point_id TEXT NOT NULL UNIQUE,
  taken_at_ms INTEGER NOT NULL,
  PRIMARY KEY (line, seq)
) STRICT, WITHOUT ROWID;
-- Each name once, as bytes.
CREATE TABLE names (name_id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE) STRICT;
-- The same as text between two marks, so that beginnings and ends are found too.
CREATE VIRTUAL TABLE name_index USING fts5(
  name, content = '', contentless_delete = 1, tokenize = 'trigram'
);
-- A name of an inode, in the points from first to last. 2147483647: up to the newest.
CREATE TABLE links (
  line INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  name_id INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (line, inode, parent, name_id, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_name ON links (name_id);
-- A state of an inode, in the points from first to last.
CREATE TABLE versions (
  line INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  -- FILE_TYPE of the format.
  type INTEGER NOT NULL,
  size INTEGER NOT NULL,
  modified_ms INTEGER NOT NULL,
  -- The transaction that changed it last.
  transid INTEGER NOT NULL,
  PRIMARY KEY (line, inode, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_by_size ON versions (size DESC) WHERE size >= 1048576;
CREATE INDEX versions_by_time ON versions (modified_ms DESC);
