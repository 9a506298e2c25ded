import { z } from 'zod';
import { Count, PathText } from './basics.ts';
import { Subvolume, SubvolumeRef } from './subvolume.ts';

/** Where backups go: a folder on a mounted btrfs volume ('' is its mount point). */
export const BackupTarget = z.object({ volumeId: z.string().min(1), folder: PathText });
export type BackupTarget = z.infer<typeof BackupTarget>;

export const BackupRequest = z.object({
  /** A writable subvolume (a read-only snapshot is made first) or a read-only snapshot. */
  source: SubvolumeRef,
  target: BackupTarget,
  /** 'best': the smallest stream among the common parents, full when there is none. */
  parent: z.union([z.enum(['best', 'full']), SubvolumeRef]).default('best'),
});
export type BackupRequest = z.infer<typeof BackupRequest>;

/** One way to send: full, or from one parent that both sides hold. */
export const PlanCandidate = z.object({
  parent: Subvolume.nullable(),
  commands: Count,
  files: Count,
  /** Exact length of the stream. */
  bytes: Count,
});
export type PlanCandidate = z.infer<typeof PlanCandidate>;

export const BackupPlan = z.object({
  /** Smallest first; the last is the full send. */
  candidates: z.array(PlanCandidate),
  targetFreeBytes: Count.nullable(),
  /** False: the smallest does not fit. */
  fits: z.boolean(),
  /** For example why a snapshot that looks like a parent is none. */
  notes: z.array(z.string()),
});
export type BackupPlan = z.infer<typeof BackupPlan>;

export const RestoreRequest = z.object({
  /** Which restore point. */
  point: SubvolumeRef,
  /** Files and folders in it, each with all that is below it; '' is everything. */
  paths: z.array(PathText).min(1).max(10_000),
  destination: z.discriminatedUnion('kind', [
    /** Where it was in the source subvolume, found by its uuid. */
    z.object({ kind: z.literal('original') }),
    /** Below this absolute folder, under its own name. */
    z.object({ kind: z.literal('folder'), path: PathText }),
  ]),
});
export type RestoreRequest = z.infer<typeof RestoreRequest>;

/** What a restore would do, before it does it. Nothing that exists is ever overwritten. */
export const RestorePreview = z.object({
  items: z.array(
    z.object({
      from: PathText,
      /** The absolute path that it will have. */
      to: PathText,
      /** Something of that name is there now: it stays, the restored one gets the name in `to`. */
      keepsExisting: z.boolean(),
    }),
  ),
  files: Count,
  bytes: Count,
});
export type RestorePreview = z.infer<typeof RestorePreview>;
