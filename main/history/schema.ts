import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { DriveRecord } from './drives.ts';
import type { RunRequest } from './runs.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { Note, Noted } from '../../shared/said.ts';
import type { Told } from '../../shared/model/notice.ts';
import type { Progress, Run, RunStep } from '../../shared/model/run.ts';
import type { Plan } from '../../shared/model/plan.ts';

/** The tables that `migrations/` leaves behind, as drizzle sees them. */
export const runs = sqliteTable(
  'runs',
  {
    runId: text('run_id').primaryKey(),
    kind: text('kind').$type<Run['kind']>().notNull(),
    state: text('state').$type<Run['state']>().notNull(),
    /** In English: what is searched. */
    title: text('title').notNull(),
    /** The same with its code and values; null for a name, and of older versions. */
    titleNote: text('title_note', { mode: 'json' }).$type<Note>(),
    startedAtMs: integer('started_at_ms').notNull(),
    endedAtMs: integer('ended_at_ms'),
    progress: text('progress', { mode: 'json' }).$type<Progress>().notNull(),
    steps: text('steps', { mode: 'json' }).$type<RunStep[]>().notNull(),
    notes: text('notes', { mode: 'json' }).$type<Noted[]>().notNull(),
    error: text('error', { mode: 'json' }).$type<ErrorData>(),
    source: text('source', { mode: 'json' }).$type<NonNullable<Run['source']>>(),
    result: text('result', { mode: 'json' }).$type<NonNullable<Run['result']>>(),
    planId: text('plan_id'),
    commandLine: text('command_line').notNull(),
    canRepeat: integer('can_repeat', { mode: 'boolean' }).notNull(),
    owner: text('owner').notNull(),
    /** When it last said something of itself; null in rows of older versions. */
    seenAtMs: integer('seen_at_ms'),
  },
  (table) => [index('runs_by_start').on(table.startedAtMs)],
);

export const volumes = sqliteTable('volumes', {
  volumeId: text('volume_id').primaryKey(),
  name: text('name').notNull(),
  addedPath: text('added_path'),
  lastSeenAtMs: integer('last_seen_at_ms').notNull(),
});

export const points = sqliteTable('points', {
  pointId: text('point_id').primaryKey(),
  sourceUuid: text('source_uuid'),
  name: text('name').notNull(),
  takenAtMs: integer('taken_at_ms').notNull(),
  runId: text('run_id'),
  bytes: integer('bytes'),
  files: integer('files'),
  parentPointId: text('parent_point_id'),
  tag: text('tag'),
});

export const pointCopies = sqliteTable(
  'point_copies',
  {
    pointId: text('point_id').notNull(),
    volumeId: text('volume_id').notNull(),
    subvolumeId: integer('subvolume_id').notNull(),
    path: text('path').notNull(),
    place: text('place').$type<'local' | 'drive'>().notNull(),
    excludes: text('excludes', { mode: 'json' }).$type<string[]>(),
  },
  (table) => [primaryKey({ columns: [table.volumeId, table.subvolumeId] })],
);

/** Written by triggers: what of `points` and `point_copies` has changed, in order. */
export const pointChanges = sqliteTable('point_changes', {
  seq: integer('seq').primaryKey({ autoIncrement: true }),
  pointId: text('point_id').notNull(),
});

export const sentWithout = sqliteTable('sent_without', {
  uuid: text('uuid').primaryKey(),
  pointId: text('point_id').notNull(),
  excludes: text('excludes', { mode: 'json' }).$type<string[]>().notNull(),
});

export const pins = sqliteTable(
  'pins',
  {
    sourceUuid: text('source_uuid').notNull(),
    placeId: text('place_id').notNull(),
    pointId: text('point_id').notNull(),
    sentAtMs: integer('sent_at_ms').notNull(),
    releasedAtMs: integer('released_at_ms'),
  },
  (table) => [primaryKey({ columns: [table.sourceUuid, table.placeId] })],
);

export const sourcePaths = sqliteTable(
  'source_paths',
  {
    volumeId: text('volume_id').notNull(),
    path: text('path').notNull(),
    uuid: text('uuid').notNull(),
    formerUuid: text('former_uuid'),
  },
  (table) => [primaryKey({ columns: [table.volumeId, table.path] })],
);

export const plans = sqliteTable('plans', {
  planId: text('plan_id').primaryKey(),
  draft: text('draft', { mode: 'json' }).$type<unknown>().notNull(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  origin: text('origin').$type<Plan['origin']>().notNull(),
  createdAtMs: integer('created_at_ms').notNull(),
  lastRunId: text('last_run_id'),
  lastRunAtMs: integer('last_run_at_ms'),
});

export const planParts = sqliteTable(
  'plan_parts',
  {
    planId: text('plan_id').notNull(),
    key: text('key').notNull(),
    lastRunAtMs: integer('last_run_at_ms'),
    lastGoodAtMs: integer('last_good_at_ms'),
    retryAtMs: integer('retry_at_ms'),
    failures: integer('failures').notNull(),
    waitsFor: text('waits_for'),
    error: text('error', { mode: 'json' }).$type<ErrorData>(),
  },
  (table) => [primaryKey({ columns: [table.planId, table.key] })],
);

export const drives = sqliteTable('drives', {
  driveId: text('drive_id').primaryKey(),
  record: text('record', { mode: 'json' }).$type<DriveRecord>().notNull(),
  lastSeenAtMs: integer('last_seen_at_ms').notNull(),
});

export const notices = sqliteTable('notices', {
  subject: text('subject').primaryKey(),
  failingSinceMs: integer('failing_since_ms'),
  told: text('told', { mode: 'json' }).$type<Told>(),
});

export const settings = sqliteTable('settings', {
  name: text('name').primaryKey(),
  value: text('value', { mode: 'json' }).$type<unknown>().notNull(),
});

export const restoredItems = sqliteTable(
  'restored_items',
  {
    runId: text('run_id').notNull(),
    path: text('path').notNull(),
    fingerprint: text('fingerprint').notNull(),
    kept: text('kept'),
  },
  (table) => [primaryKey({ columns: [table.runId, table.path] })],
);

export const restoredFolders = sqliteTable(
  'restored_folders',
  {
    runId: text('run_id').notNull(),
    position: integer('position').notNull(),
    path: text('path').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.position] })],
);

export const interruptedSends = sqliteTable(
  'interrupted_sends',
  {
    sourceVolumeId: text('source_volume_id').notNull(),
    sourceSubvolumeId: integer('source_subvolume_id').notNull(),
    targetVolumeId: text('target_volume_id').notNull(),
    folder: text('folder').notNull(),
    snapshotId: integer('snapshot_id').notNull(),
    snapshotUuid: text('snapshot_uuid').notNull(),
    parentId: integer('parent_id'),
    fingerprint: text('fingerprint').notNull(),
    beganAtMs: integer('began_at_ms').notNull(),
    leftoverKey: text('leftover_key').notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.sourceVolumeId, table.sourceSubvolumeId, table.targetVolumeId, table.folder],
    }),
  ],
);

export const runRequests = sqliteTable('run_requests', {
  runId: text('run_id').primaryKey(),
  request: text('request', { mode: 'json' }).$type<RunRequest>().notNull(),
});

export const runLog = sqliteTable('run_log', {
  runId: text('run_id').notNull(),
  atMs: integer('at_ms').notNull(),
  text: text('text').notNull(),
});
