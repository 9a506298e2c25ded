import { z } from 'zod';
import { Count, ErrorModel, Id, NotedModel, NoteModel, PathText, TimeMs } from './basics.ts';
import { EntryRef } from './entry.ts';
import { SubvolumeRef } from './subvolume.ts';

export const RunState = z.enum([
  'running',
  'done',
  'failed',
  'cancelled',
  /** The service ended while it ran: found at the next start. */
  'interrupted',
]);
export type RunState = z.infer<typeof RunState>;

export const RunKind = z.enum([
  'backup',
  'snapshot',
  'restore',
  'prune',
  'verify',
  'rescue',
  'compare',
  'heal',
  'update',
]);
export type RunKind = z.infer<typeof RunKind>;

/** How far a run or a step is. Totals are exact where a plan was made first. */
export const Progress = z.object({
  bytes: Count,
  /** Null until the plan is known. */
  totalBytes: Count.nullable(),
  /** All but folders; of a cleanup the restore points. */
  files: Count,
  totalFiles: Count.nullable(),
  /** 0..100, null until the total is known; 100 only when done. */
  percent: z.number().min(0).max(100).nullable(),
  /** Over the last seconds. */
  bytesPerSecond: z.number().nonnegative(),
  etaMs: Count.nullable(),
  /** The path that is read or written now, or a sentence; '' for nothing. */
  current: z.union([PathText, NoteModel]),
});
export type Progress = z.infer<typeof Progress>;

export const RunStep = z.object({
  /** 'snapshot', 'plan', 'send', 'receive', 'check', 'copy', 'delete' ... */
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  startedAtMs: TimeMs.nullable(),
  endedAtMs: TimeMs.nullable(),
  /** One sentence on what it did, for people; '' while it has nothing to say. */
  detail: NotedModel,
});
export type RunStep = z.infer<typeof RunStep>;

export const Run = z.object({
  runId: Id,
  kind: RunKind,
  state: RunState,
  /** 'Home to Blue Drive'; text alone is a name, or of an older version. */
  title: NotedModel,
  startedAtMs: TimeMs,
  endedAtMs: TimeMs.nullable(),
  progress: Progress,
  steps: z.array(RunStep),
  /** Why it failed; null otherwise. */
  error: ErrorModel.nullable(),
  /** Things a person should know though the run went well. */
  notes: z.array(NotedModel),
  planId: Id.nullable(),
  source: z.union([EntryRef, SubvolumeRef]).nullable(),
  /** What it made: the received snapshot of a backup, the place of a restore. */
  result: z
    .object({
      point: SubvolumeRef.nullable(),
      parent: SubvolumeRef.nullable(),
      path: PathText.nullable(),
      commands: Count,
    })
    .nullable(),
  /** What a person would type for the same. */
  commandLine: z.string(),
  /** `runs.repeat` can ask for the same once more. */
  canRepeat: z.boolean(),
});
export type Run = z.infer<typeof Run>;
