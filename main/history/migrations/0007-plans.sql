-- Purpose: a schedule becomes a plan: several sources, several targets, each part with its own state.
ALTER TABLE runs RENAME COLUMN schedule_id TO plan_id;
DROP INDEX runs_by_schedule;
CREATE INDEX runs_by_plan ON runs (plan_id, started_at_ms DESC);
ALTER TABLE schedules RENAME TO plans;
ALTER TABLE plans RENAME COLUMN schedule_id TO plan_id;
-- 'file' for those of the administrator's plan file.
ALTER TABLE plans ADD COLUMN origin TEXT NOT NULL DEFAULT 'person';
-- JSON: PlanDraft of shared/model/plan.ts.
UPDATE plans SET draft = json_object(
  'name', json(draft -> '$.name'),
  'enabled', json(draft -> '$.enabled'),
  'sources', json_array(json_object(
    'volumeId', json(draft -> '$.source.volumeId'),
    'subvolumeId', json(draft -> '$.source.subvolumeId'))),
  'when', json_array(json(draft -> '$.timing')),
  'keepLocal', json(draft -> '$.keepLocal'),
  'targets', CASE json_type(draft, '$.target')
    WHEN 'object' THEN json_array(json_object(
      'kind', 'btrfs',
      'volumeId', json(draft -> '$.target.volumeId'),
      'folder', json(draft -> '$.target.folder'),
      'keep', json(draft -> '$.keepTarget')))
    ELSE json_array() END);
CREATE TABLE plan_parts (
  plan_id TEXT NOT NULL REFERENCES plans ON DELETE CASCADE,
  -- 'local', or a target by targetKey of shared/model/plan.ts.
  key TEXT NOT NULL,
  last_run_at_ms INTEGER,
  last_good_at_ms INTEGER,
  retry_at_ms INTEGER,
  failures INTEGER NOT NULL,
  waits_for TEXT,
  -- JSON: why the last run of it failed.
  error TEXT,
  PRIMARY KEY (plan_id, key)
) STRICT;
