import { z } from 'zod';
import {
  ArchiveContents,
  ArchiveFileVersion,
  ArchivePointRef,
  ArchiveRef,
} from '../model/archive.ts';
import { Count, Id, NoteModel, Page, PathText } from '../model/basics.ts';
import { Change, DirectoryEntry } from '../model/entry.ts';
import { Retention } from '../model/retention.ts';
import { SubvolumeRef } from '../model/subvolume.ts';

const started = z.object({ runId: Id });
const limit = z.int().min(1).max(10_000).default(1_000);

/** Part of THE table (`calls.ts`): archives of stream files. */
export const archiveCalls = {
  /** What an archive holds; needs no key. */
  'archive.open': { input: z.object({ folder: PathText }), output: ArchiveContents },
  /** Sorted: directories first, then by name. */
  'archive.directory': {
    input: ArchivePointRef.extend({ path: PathText }).extend(Page.shape),
    output: z.object({
      entries: z.array(DirectoryEntry),
      total: Count,
      notes: z.array(NoteModel),
    }),
  },
  'archive.find': {
    input: ArchivePointRef.extend({
      pattern: z.string().min(1).max(255),
      ignoreCase: z.boolean().default(true),
      limit,
    }),
    output: z.object({ entries: z.array(z.object({ path: PathText, entry: DirectoryEntry })) }),
  },
  'archive.preview': {
    input: ArchivePointRef.extend({
      path: PathText,
      limitBytes: z.int().min(1).max(1_048_576).default(65_536),
    }),
    output: z.object({ sizeBytes: Count, base64: z.string(), truncated: z.boolean() }),
  },
  /** Newest first. */
  'archive.versions': {
    input: ArchiveRef.extend({ source: PathText.nullable().default(null), path: PathText }),
    output: z.array(ArchiveFileVersion),
  },
  'archive.compare': {
    input: ArchiveRef.extend({ from: z.string(), to: z.string() }).extend(Page.shape),
    output: z.object({ changes: z.array(Change), total: Count }),
  },

  /** A read-only snapshot into an archive, which is begun when the folder is empty or new. */
  'archive.export': {
    input: z.object({
      snapshot: SubvolumeRef,
      folder: PathText,
      parent: z.enum(['best', 'full']).default('best'),
      level: z.int().min(1).max(19).default(3),
      excludes: z.array(z.string()).default([]),
      /** For a new archive. */
      recipients: z.array(z.string().max(4_096)).max(32).default([]),
      passphrase: z.string().min(1).max(1_024).optional(),
    }),
    output: started,
  },
  /** Files and folders; '' or nothing is the whole point. */
  'archive.restore': {
    input: ArchivePointRef.extend({
      paths: z.array(PathText).max(10_000).default([]),
      destination: PathText,
      /** On btrfs, too: a folder, and no subvolume. */
      plain: z.boolean().default(false),
      /** Of files and folders. */
      clash: z.enum(['keep-both', 'replace', 'skip']).default('keep-both'),
    }),
    output: started,
  },
  'archive.verify': {
    input: ArchiveRef.extend({ level: z.enum(['quick', 'full', 'chain']).default('quick') }),
    output: started,
  },
  /** Restores a point into scratch space and proves it; leaves a receipt on the drive. */
  'archive.drill': {
    input: ArchivePointRef.extend({ scratch: PathText.optional() }),
    output: started,
  },
  'archive.prune': {
    input: ArchiveRef.extend({
      source: PathText.optional(),
      keep: Retention.optional(),
      points: z.array(z.string()).max(10_000).optional(),
      needed: z.enum(['compose', 'keep']).default('compose'),
      removeUnfinished: z.boolean().default(false),
    }),
    output: started,
  },
  /** Streams of btrfs send and raw backups of btrbk: files, or folders with some. */
  'archive.import': {
    input: ArchiveRef.extend({
      files: z.array(PathText).min(1).max(10_000),
      source: PathText.optional(),
    }),
    output: started,
  },
  /** Takes what the pattern of gitignore matches out of every stream. */
  'archive.purge': {
    input: ArchiveRef.extend({
      pattern: z.string().min(1).max(4_096),
      source: PathText.optional(),
    }),
    output: started,
  },
  /** Makes the stream of a point a full one, composed from its chain. */
  'archive.syntheticFull': { input: ArchivePointRef, output: started },
  /** Indexes, records and manifest again, from the streams alone. */
  'archive.rebuildIndex': { input: ArchiveRef, output: started },
} as const;
