import { z } from 'zod';
import { archiveCalls } from './archive-calls.ts';
import { ArchiveSecrets } from '../model/archive.ts';
import { CopyRef } from '../model/place.ts';
import { Count, Id, Page, PathText, TimeMs } from '../model/basics.ts';
import {
  BackupPlan,
  BackupRequest,
  ExportPlan,
  ExportRequest,
  RestorePreview,
  RestoreRequest,
} from '../model/backup.ts';
import {
  Change,
  DirectoryEntry,
  FolderPage,
  EntryDetail,
  EntryRef,
  FilePreview,
  FileVersion,
} from '../model/entry.ts';
import { Drive, Passphrase, Released } from '../model/drive.ts';
import { ForeignNote } from '../model/other-tool.ts';
import { Run, RunKind, RunState } from '../model/run.ts';
import { ServiceInfo, Settings } from '../model/service.ts';
import { RestorePoint, Source, Subvolume, SubvolumeRef } from '../model/subvolume.ts';
import { Volume } from '../model/volume.ts';
import { restoreCalls } from './restore-calls.ts';
import { healCalls } from './heal-calls.ts';
import { recoverCalls } from './recover-calls.ts';
import { placeCalls } from './place-calls.ts';
import { planCalls } from './plan-calls.ts';
import { streamCalls } from './stream-calls.ts';
import { updateCalls } from './update-calls.ts';
import { volumeCalls } from './volume-calls.ts';

/** A document is looked at as a whole. */
const MOST_PREVIEW_BYTES = 8 * 1_048_576;
/** A file or folder in any copy of a restore point. */
const CopyEntry = CopyRef.extend({ path: PathText });
const nothing = z.object({});
const started = z.object({ runId: Id });

/**
 * THE table: everything that a page or program can ask of the service. Every carrier checks
 * inputs and outputs by these schemas. A call that fails rejects with a `DendroError`.
 */
export const calls = {
  'service.info': { input: nothing, output: ServiceInfo },
  'settings.get': { input: nothing, output: Settings },
  'settings.set': { input: Settings.partial(), output: Settings },

  /** Mounted btrfs, unmounted btrfs devices, and images that were added; read anew each time. */
  'volumes.list': { input: nothing, output: z.array(Volume) },
  /** Opens an image or device by path and remembers it. */
  'volumes.add': { input: z.object({ path: PathText }), output: Volume },
  'volumes.forget': { input: z.object({ volumeId: z.string() }), output: nothing },

  /** Filesystems of any type on drives that are here, and known drives that are away. */
  'drives.list': { input: nothing, output: z.array(Drive) },
  /** Mounts it, unlocked if need be, and gives it Dendro's marker: from then on it is known. */
  'drives.mount': {
    input: z.object({
      driveId: z.string().min(1),
      passphrase: Passphrase.optional(),
      /** Keep the passphrase in the keyring of the desktop. */
      keep: z.boolean().default(false),
    }),
    output: z.object({ drive: Drive, kept: z.boolean() }),
  },
  'drives.change': {
    input: z.object({
      driveId: z.string().min(1),
      name: z.string().min(1).max(200).optional(),
      /** 'ask' drops what the keyring keeps. */
      passphrase: z.enum(['ask', 'keyring']).optional(),
    }),
    output: nothing,
  },
  /** Unmounts all of its disk, locks it and takes its power: safe to unplug. */
  'drives.release': { input: z.object({ driveId: z.string().min(1) }), output: Released },
  /** Nothing on the drive is touched. */
  'drives.forget': { input: z.object({ driveId: z.string().min(1) }), output: nothing },

  'subvolumes.list': { input: z.object({ volumeId: z.string() }), output: z.array(Subvolume) },
  /** A read-only snapshot below the snapshot folder; without a name it is called by the time. */
  'snapshots.create': {
    input: SubvolumeRef.extend({ name: PathText.optional() }),
    output: Subvolume,
  },
  /** The read-only twin of a writable snapshot of another tool: made, or the one that is there. */
  'snapshots.twin': { input: SubvolumeRef, output: Subvolume },
  /** What Snapper or Timeshift noted of its snapshot; null when it is of neither. */
  'snapshots.note': { input: SubvolumeRef, output: ForeignNote.nullable() },
  'snapshots.delete': { input: SubvolumeRef, output: nothing },

  /** All of Home in one call: writable subvolumes in use, and what protects them. */
  'sources.list': {
    /** At most the newest so many points of each; without it all, megabytes where there are many. */
    input: z.object({ pointsEach: Count.optional() }),
    output: z.array(Source),
  },
  /** What backups brought to a place, the oldest first: for a picture of thousands. */
  'points.growth': {
    input: z.object({ volumeId: z.string().min(1) }),
    output: z.array(z.object({ takenAtMs: TimeMs, bytes: Count })),
  },
  /**
   * Newest first. With a source: only the points of that subvolume. Without a limit all: a page
   * that shows thousands asks for them in parts.
   */
  'points.list': {
    input: z.object({
      source: SubvolumeRef.optional(),
      offset: Count.default(0),
      limit: z.int().min(1).max(10_000).optional(),
    }),
    output: z.array(RestorePoint),
  },
  /** Keeps a point for ever, with the reason; null leaves it to the rules again. */
  'points.tag': {
    input: z.object({ pointId: z.string().max(64), tag: z.string().min(1).max(200).nullable() }),
    output: nothing,
  },
  /** Sorted: directories first, then by name. */
  'directory.list': {
    input: CopyEntry.extend(Page.shape),
    output: FolderPage,
  },
  'entry.get': { input: CopyEntry, output: EntryDetail },
  'file.preview': {
    input: CopyEntry.extend({ limitBytes: z.int().min(1).max(MOST_PREVIEW_BYTES).default(65_536) }),
    output: FilePreview,
  },
  /**
   * Newest first, one for each restore point of the same source that is here: of one in an
   * encrypted archive whose key is not among `keys`, only that it is there.
   */
  'file.versions': {
    input: EntryRef.extend({
      keys: z
        .array(z.object({ volumeId: z.string(), secrets: ArchiveSecrets }))
        .max(32)
        .default([]),
    }),
    output: z.array(FileVersion),
  },
  /** What differs between two snapshots, by path. */
  'points.compare': {
    input: z.object({ from: SubvolumeRef, to: SubvolumeRef }).extend(Page.shape),
    /** `unreadable`: paths that could not be compared, and count as different. */
    output: z.object({ changes: z.array(Change), total: Count, unreadable: Count }),
  },
  /** Paths whose name holds the text (no case), in one subvolume. */
  'entries.find': {
    input: CopyRef.extend({
      text: z.string().min(1).max(255),
      limit: z.int().min(1).max(10_000).default(1_000),
    }),
    output: z.object({ entries: z.array(EntryRef.extend({ entry: DirectoryEntry })) }),
  },

  ...volumeCalls,
  ...restoreCalls,
  ...placeCalls,
  ...healCalls,
  ...recoverCalls,

  /** Sizes of each way to send, exact for a snapshot, as of now for a writable source. */
  'backup.plan': { input: BackupRequest.omit({ parent: true }), output: BackupPlan },
  'backup.start': { input: BackupRequest, output: started },
  /** The same as stream files on a drive of any filesystem; the plan mounts nothing. */
  'backup.planExport': { input: ExportRequest, output: ExportPlan },
  'backup.export': { input: ExportRequest, output: started },
  'restore.preview': { input: RestoreRequest, output: RestorePreview },
  'restore.start': { input: RestoreRequest, output: started },
  /** Removes what a restore made, as long as nobody has changed it since. */
  'restore.undo': { input: z.object({ runId: Id }), output: nothing },

  /** Newest first. */
  'runs.list': {
    input: z
      .object({
        state: RunState.optional(),
        kind: RunKind.optional(),
        beforeMs: TimeMs.optional(),
        afterMs: TimeMs.optional(),
        /** Part of the title; case does not matter. */
        text: z.string().max(255).optional(),
      })
      .extend(Page.shape),
    output: z.object({ runs: z.array(Run), total: Count }),
  },
  'runs.get': { input: z.object({ runId: Id }), output: Run },
  /** What it did, line by line; the oldest first. */
  'runs.log': {
    input: z.object({ runId: Id }).extend(Page.shape),
    output: z.object({
      lines: z.array(z.object({ atMs: TimeMs, text: z.string() })),
      total: Count,
    }),
  },
  'runs.cancel': { input: z.object({ runId: Id }), output: nothing },
  /** What a run that has ended was asked for, once more: of a plan's run, the plan. */
  'runs.repeat': { input: z.object({ runId: Id }), output: started },

  ...planCalls,
  ...archiveCalls,
  ...streamCalls,
  ...updateCalls,
} as const;

export type Calls = typeof calls;
export type CallName = keyof Calls;
/** What a caller passes: fields with a default may be left out. */
export type CallInput<N extends CallName> = z.input<Calls[N]['input']>;
/** What a handler gets: checked, defaults filled in. */
export type CheckedInput<N extends CallName> = z.output<Calls[N]['input']>;
export type CallOutput<N extends CallName> = z.output<Calls[N]['output']>;
