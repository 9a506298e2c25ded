import { z } from 'zod';
import { Count, ErrorModel, PathText, TimeMs } from './basics.ts';
import { SubvolumeRef } from './subvolume.ts';

export const EntryType = z.enum([
  'file',
  'directory',
  'symlink',
  'block',
  'character',
  'fifo',
  'socket',
  'subvolume',
]);
export type EntryType = z.infer<typeof EntryType>;

export const DirectoryEntry = z.object({
  name: PathText,
  type: EntryType,
  inode: Count,
  sizeBytes: Count,
  modifiedAtMs: TimeMs,
  /** Permission bits, 0o7777. */
  mode: Count,
  uid: Count,
  gid: Count,
  /** Where a symbolic link points; null for anything else. */
  linkTarget: PathText.nullable(),
  /** Why nothing but its name and type is known; the numbers are 0 then. */
  problem: ErrorModel.optional(),
});
export type DirectoryEntry = z.infer<typeof DirectoryEntry>;

/** A page of a folder. */
export const FolderPage = z.object({
  entries: z.array(DirectoryEntry),
  total: Count,
  /** Why names may be missing: part of the folder could not be read. */
  problem: ErrorModel.nullish(),
});
export type FolderPage = z.infer<typeof FolderPage>;

/** All that a snapshot holds of one inode. */
export const EntryDetail = DirectoryEntry.extend({
  links: Count,
  /** Null where the place does not keep it, as stream files do not; so those below. */
  generation: Count.nullable(),
  transid: Count.nullable(),
  /** Bytes of disk that its extents take, as stat's blocks say. */
  diskBytes: Count.nullable(),
  createdAtMs: TimeMs.nullable(),
  changedAtMs: TimeMs.nullable(),
  /** Major and minor of a device node. */
  device: z.object({ major: Count, minor: Count }).nullable(),
  /** For example 'nodatacow', 'immutable'. */
  flags: z.array(z.string()),
  xattrs: z.array(z.object({ name: PathText, sizeBytes: Count })),
});
export type EntryDetail = z.infer<typeof EntryDetail>;

/** A file or folder in a snapshot; '' is the snapshot's top directory. */
export const EntryRef = SubvolumeRef.extend({ path: PathText });
export type EntryRef = z.infer<typeof EntryRef>;

export const FilePreview = z.object({
  sizeBytes: Count,
  /** The first bytes, at most what was asked for, base64. */
  base64: z.string(),
  /** Decoded when it is text in UTF-8, else null. */
  text: z.string().nullable(),
  /** By its first bytes: 'text/plain', 'image/png', ..., 'application/octet-stream'. */
  mediaType: z.string(),
  truncated: z.boolean(),
});
export type FilePreview = z.infer<typeof FilePreview>;

/** One version of a file among the restore points of its source. */
export const FileVersion = EntryRef.extend({
  pointId: z.string(),
  takenAtMs: TimeMs,
  volumeName: z.string(),
  exists: z.boolean(),
  sizeBytes: Count,
  modifiedAtMs: TimeMs,
  /** Same content as the version before it, as far as size, time and extents show. */
  sameAsPrevious: z.boolean(),
  /** Why it cannot be told what it was then: it is told as not being there. */
  problem: ErrorModel.optional(),
});
export type FileVersion = z.infer<typeof FileVersion>;

/** One path that differs between two snapshots. */
export const Change = z.object({
  path: PathText,
  type: EntryType,
  kind: z.enum(['added', 'removed', 'changed', 'renamed']),
  /** The path it had, for 'renamed'. */
  previousPath: PathText.nullable(),
  /** What changed: 'data', 'size', 'mode', 'owner', 'times', 'xattrs', 'links', 'flags'. */
  aspects: z.array(z.string()),
  sizeBytes: Count,
});
export type Change = z.infer<typeof Change>;
