import { z } from 'zod';
import { Id, TimeMs } from './basics.ts';
import { BackupTarget } from './backup.ts';
import { SubvolumeRef } from './subvolume.ts';

/** When a schedule is due, in local time. */
export const Timing = z.discriminatedUnion('every', [
  z.object({ every: z.literal('minutes'), minutes: z.int().min(5).max(1_440) }),
  z.object({ every: z.literal('hour'), minute: z.int().min(0).max(59) }),
  z.object({
    every: z.literal('day'),
    hour: z.int().min(0).max(23),
    minute: z.int().min(0).max(59),
  }),
  z.object({
    every: z.literal('week'),
    /** 0 is Sunday. */
    weekday: z.int().min(0).max(6),
    hour: z.int().min(0).max(23),
    minute: z.int().min(0).max(59),
  }),
]);
export type Timing = z.infer<typeof Timing>;

/** How many points to keep: the newest ones, and the last of each hour, day, week, month, year. */
export const Retention = z.object({
  latest: z.int().min(1).max(10_000),
  hourly: z.int().min(0).max(10_000),
  daily: z.int().min(0).max(10_000),
  weekly: z.int().min(0).max(10_000),
  monthly: z.int().min(0).max(10_000),
  yearly: z.int().min(0).max(10_000),
});
export type Retention = z.infer<typeof Retention>;

/** What a person edits. */
export const ScheduleDraft = z.object({
  name: z.string().min(1).max(200),
  enabled: z.boolean(),
  source: SubvolumeRef,
  /** Null: snapshots on this computer only. */
  target: BackupTarget.nullable(),
  timing: Timing,
  keepLocal: Retention,
  keepTarget: Retention,
});
export type ScheduleDraft = z.infer<typeof ScheduleDraft>;

export const Schedule = ScheduleDraft.extend({
  scheduleId: Id,
  createdAtMs: TimeMs,
  lastRunId: Id.nullable(),
  lastRunAtMs: TimeMs.nullable(),
  /** Null when it is not enabled. */
  nextRunAtMs: TimeMs.nullable(),
});
export type Schedule = z.infer<typeof Schedule>;

/** One point under a retention rule, and why it stays or goes. */
export const RetentionVerdict = z.object({
  takenAtMs: TimeMs,
  keep: z.boolean(),
  /** 'latest', 'hourly', ..., 'only common parent'; empty when it goes. */
  reasons: z.array(z.string()),
});
export type RetentionVerdict = z.infer<typeof RetentionVerdict>;

export const SchedulePreview = z.object({
  nextRunsAtMs: z.array(TimeMs),
  /** The points that will be there at `atMs`, were every run to succeed from now on. */
  atMs: TimeMs,
  kept: z.array(RetentionVerdict),
});
export type SchedulePreview = z.infer<typeof SchedulePreview>;
