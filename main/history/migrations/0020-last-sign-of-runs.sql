-- Purpose: a run that was killed ended when it last said something, and not when that was noticed.
ALTER TABLE runs ADD COLUMN seen_at_ms INTEGER;
