-- Purpose: a send is noted when it begins, so that one ended by kill -9 or a power cut can go on.
-- The key names what it leaves on the target; began_at_ms becomes the moment it was begun here.
DELETE FROM interrupted_sends;
ALTER TABLE interrupted_sends ADD COLUMN leftover_key TEXT NOT NULL DEFAULT '';
