-- Purpose: whoever keeps restore points in memory reads again only those that another process changed.
CREATE TABLE point_changes (
  -- Grows for ever, also when old rows are gone.
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  point_id TEXT NOT NULL
) STRICT;
-- Who has not looked for so long reads everything.
CREATE TRIGGER point_changes_bounded AFTER INSERT ON point_changes WHEN NEW.seq % 1000 = 0 BEGIN
  DELETE FROM point_changes WHERE seq <= NEW.seq - 10000;
END;
CREATE TRIGGER points_added AFTER INSERT ON points BEGIN
  INSERT INTO point_changes (point_id) VALUES (NEW.point_id);
END;
CREATE TRIGGER points_changed AFTER UPDATE ON points BEGIN
  INSERT INTO point_changes (point_id) VALUES (NEW.point_id);
END;
CREATE TRIGGER points_gone AFTER DELETE ON points BEGIN
  INSERT INTO point_changes (point_id) VALUES (OLD.point_id);
END;
CREATE TRIGGER point_copies_added AFTER INSERT ON point_copies BEGIN
  INSERT INTO point_changes (point_id) VALUES (NEW.point_id);
END;
CREATE TRIGGER point_copies_changed AFTER UPDATE ON point_copies BEGIN
  INSERT INTO point_changes (point_id) VALUES (OLD.point_id), (NEW.point_id);
END;
CREATE TRIGGER point_copies_gone AFTER DELETE ON point_copies BEGIN
  INSERT INTO point_changes (point_id) VALUES (OLD.point_id);
END;
CREATE TRIGGER sent_without_added AFTER INSERT ON sent_without BEGIN
  INSERT INTO point_changes (point_id) VALUES (NEW.point_id);
END;
CREATE TRIGGER sent_without_gone AFTER DELETE ON sent_without BEGIN
  INSERT INTO point_changes (point_id) VALUES (OLD.point_id);
END;
