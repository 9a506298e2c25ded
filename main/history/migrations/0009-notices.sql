-- Purpose: what a person was told, so that nothing is told twice after a restart.
CREATE TABLE notices (
  subject TEXT PRIMARY KEY,
  failing_since_ms INTEGER,
  told TEXT
) STRICT;
