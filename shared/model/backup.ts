import { z } from 'zod';
import { Count, NoteModel, PathText, TimeMs } from './basics.ts';
import { CopyRef } from './place.ts';
import { FolderOnDrive } from './plan-target.ts';
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
  /** Patterns of gitignore(5): left out. */
  excludes: z.array(z.string().min(1).max(4_096)).max(1_000).default([]),
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
  notes: z.array(NoteModel),
});
export type BackupPlan = z.infer<typeof BackupPlan>;

/** Where stream files go: a folder on a drive of any filesystem, from the top of the drive. */
export const ExportRequest = z.object({
  /** A writable subvolume (a read-only snapshot is made first) or a read-only snapshot. */
  source: SubvolumeRef,
  driveId: z.string().min(1),
  folder: FolderOnDrive.default(''),
  excludes: z.array(z.string().min(1).max(4_096)).max(1_000).default([]),
});
export type ExportRequest = z.output<typeof ExportRequest>;

/** What an export would write, at most: streams are packed, and only what changed is sent. */
export const ExportPlan = z.object({
  files: Count,
  /** Of the stream before it is packed. */
  bytes: Count,
  /** The restore point that only what changed since is sent; null: everything. */
  upon: z.string().nullable(),
  uponTakenAtMs: TimeMs.nullable(),
  /** The folder with all that is before it; null while the drive is not mounted. */
  folder: PathText.nullable(),
  targetFreeBytes: Count.nullable(),
  /** What a person would type for the same. */
  commandLine: z.string(),
});
export type ExportPlan = z.infer<typeof ExportPlan>;

export const RestoreRequest = z.object({
  /** Which copy of a restore point: a snapshot, or a point of an archive. */
  point: CopyRef,
  /** Files and folders in it, each with all that is below it; '' is everything. */
  paths: z.array(PathText).min(1).max(10_000),
  destination: z.discriminatedUnion('kind', [
    /** Where it was in the source subvolume, found by its uuid. */
    z.object({ kind: z.literal('original') }),
    /** Beside where it was, with a name that says that it was restored. */
    z.object({ kind: z.literal('beside') }),
    /** Below this absolute folder, under its own name. */
    z.object({ kind: z.literal('folder'), path: PathText }),
  ]),
  /**
   * Where a name is taken. keep-both: the restored one is called 'NAME (restored)'. replace:
   * what stands there is renamed to 'NAME (before restore)'. skip: it stays, and only what is
   * missing in it is restored.
   */
  clash: z.enum(['keep-both', 'replace', 'skip']).default('keep-both'),
});
export type RestoreRequest = z.input<typeof RestoreRequest>;

/** What a restore would do, before it does it. Nothing that exists is ever lost. */
export const RestorePreview = z.object({
  items: z.array(
    z.object({
      from: PathText,
      /** The absolute path that it will have. */
      to: PathText,
      /** Something of that name is there now: it stays, the restored one gets the name in `to`. */
      keepsExisting: z.boolean(),
      /** What stands at `to` is renamed to this; null when nothing does. */
      aside: PathText.nullable(),
    }),
  ),
  files: Count,
  bytes: Count,
  /** What has to be written on the target, and what is free there. */
  neededBytes: Count,
  freeBytes: Count,
  fits: z.boolean(),
  /** The data is shared with the snapshot: at once, and without taking room. */
  sharesExtents: z.boolean(),
  /** Names left alone because something stands there ('skip'). */
  skipped: Count,
  /** Programs that have open what is replaced: they go on with what they have open. */
  holders: z.array(z.object({ processId: Count, program: z.string(), path: z.string() })),
  /** What a person would type for the same. */
  commandLine: z.string(),
});
export type RestorePreview = z.infer<typeof RestorePreview>;
