-- Purpose: the titles of runs with their codes and values, for pages in other languages.
ALTER TABLE runs ADD COLUMN title_note TEXT;
