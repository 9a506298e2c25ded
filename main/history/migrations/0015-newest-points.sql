-- The newest points of each source and place, and how many there are, without reading rows.
DROP INDEX points_by_source;
CREATE INDEX points_by_source ON points (source_uuid, taken_at_ms DESC, point_id);
DROP INDEX point_copies_by_point;
CREATE INDEX point_copies_by_point ON point_copies (point_id, volume_id, place);
