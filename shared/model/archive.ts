import { z } from 'zod';
import { Count, NoteModel, PathText, TimeMs } from './basics.ts';
import { DirectoryEntry } from './entry.ts';

/** A restore point in an archive of stream files. */
export const ArchivePoint = z.object({
  name: PathText,
  /** Its files' name without what tells their kind. */
  base: PathText,
  /** 32 hexadecimal digits: the uuid that the snapshot is received as. */
  uuid: z.string(),
  ctransid: Count,
  /** 32 hexadecimal digits: of the snapshot, where it is known and another. */
  snapshotUuid: z.string().optional(),
  /** Patterns of gitignore that are left out. */
  excludes: z.array(z.string()),
  /** What it builds on, whether that is in the archive or not; null for a full one. */
  parent: z.object({ uuid: z.string(), ctransid: Count }).nullable(),
  /** For people; null for a full one, and for one whose parent is not there. */
  parentName: PathText.nullable(),
  kind: z.enum(['full', 'increment']),
  /** False: its stream, or one that it builds on, is not in the archive, or not with its size. */
  isRestorable: z.boolean(),
  /** Composed from a chain by Dendro. */
  isSynthetic: z.boolean(),
  takenAtMs: TimeMs,
  exportedAtMs: TimeMs,
  /** Tells points of a computer from those of its clones, where that is known. */
  computer: z.string().optional(),
  /** Stream and index on the drive. */
  fileBytes: Count,
  streamBytes: Count,
  files: z.array(PathText),
});
export type ArchivePoint = z.infer<typeof ArchivePoint>;

export const ArchiveSource = z.object({
  folder: PathText,
  title: PathText,
  uuid: z.string().nullable(),
  /** Patterns that were purged; further exports leave them out. */
  purged: z.array(z.string()),
  /** Oldest first. */
  points: z.array(ArchivePoint),
  /** Exports that did not come to their end: the same export goes on with them. */
  unfinished: z.array(z.object({ base: PathText, name: PathText, beganAtMs: TimeMs })),
});

export const ArchiveContents = z.object({
  folder: PathText,
  archiveId: z.string(),
  createdAtMs: TimeMs,
  isEncrypted: z.boolean(),
  /** Opened by a passphrase; else by the identity of a recipient. */
  hasPassphrase: z.boolean(),
  sources: z.array(ArchiveSource),
  notes: z.array(NoteModel),
});
export type ArchiveContents = z.infer<typeof ArchiveContents>;

/** One version of a file among the restore points of an archive. */
export const ArchiveFileVersion = z.object({
  /** Folder of the source, and name of the point. */
  source: PathText,
  point: PathText,
  uuid: z.string(),
  takenAtMs: TimeMs,
  exists: z.boolean(),
  entry: DirectoryEntry.nullable(),
  sha256: z.string().nullable(),
  /** Same content as in the version before it. */
  sameAsPrevious: z.boolean(),
});
export type ArchiveFileVersion = z.infer<typeof ArchiveFileVersion>;

/** Something wrong with an archive, and what it spoils. */
export const ArchiveProblem = z.object({
  code: z.string(),
  /** In the archive. */
  file: PathText,
  message: NoteModel,
  /** Points that cannot be restored whole because of it. */
  spoils: z.array(PathText),
});
export type ArchiveProblem = z.infer<typeof ArchiveProblem>;

export const ArchiveVerdict = z.object({
  level: z.enum(['quick', 'full', 'chain']),
  points: Count,
  /** Points that can be restored whole, as far as was looked. */
  wholePoints: Count,
  bytes: Count,
  /** Files whose content was compared with its hash. */
  files: Count,
  problems: z.array(ArchiveProblem),
  notes: z.array(NoteModel),
});
export type ArchiveVerdict = z.infer<typeof ArchiveVerdict>;

/** Proof that a point was restored and found right. */
export const DrillReceipt = z.object({
  format: z.literal('dendro-drill'),
  version: z.literal(1),
  archiveId: z.string(),
  source: PathText,
  point: PathText,
  uuid: z.string(),
  takenAtMs: TimeMs,
  /** By the clock of the computer that did it. */
  startedAtMs: TimeMs,
  durationMs: Count,
  files: Count,
  bytes: Count,
  /** Files compared with a recorded hash, and files that had none: compared with the stream. */
  hashed: Count,
  unhashed: Count,
  passed: z.boolean(),
  /** The first hundred things that were not as they should be. */
  failures: z.array(z.string()),
});
export type DrillReceipt = z.infer<typeof DrillReceipt>;

/** What opens an encrypted archive: never kept, never logged. */
export const ArchiveSecrets = z.object({
  passphrase: z.string().max(1_024).optional(),
  /** Lines of an age identity file. */
  identities: z.array(z.string().max(65_536)).max(16).optional(),
});

/** An archive by its folder, an absolute path. */
export const ArchiveRef = z.object({ folder: PathText, secrets: ArchiveSecrets.optional() });

/** A restore point of it: by name, with its source before it where needed, by uuid, or 'latest'. */
export const ArchivePointRef = ArchiveRef.extend({ point: z.string().min(1).max(16_384) });
