-- Purpose: all that ever had one name in one folder is one result of a search.
DROP INDEX links_by_name;
CREATE INDEX links_by_name ON links (name_id, line, parent);
