import { z } from 'zod';
import { Count, NoteModel, PathText } from './basics.ts';
import { EntryType } from './entry.ts';

/** A tree block that is lost, and what stood below it. */
export const LostBlock = z.object({
  tree: z.int(),
  logical: z.int(),
  level: Count,
  reason: z.string(),
  /** Inodes of which items may be lost. */
  fromObject: z.int(),
  toObject: z.int(),
  generation: z.int(),
  /** Leaves below it that were found, of the right generation or another. */
  leavesFound: Count.optional(),
  /** Of the block only the item that says where the tree begins. */
  isRootItem: z.boolean().optional(),
});

export const RescueSubvolume = z.object({
  subvolumeId: Count,
  path: PathText,
  /** False: its place is lost. */
  isReachable: z.boolean(),
  isReadOnly: z.boolean(),
  generation: z.int(),
});

/** What there is to be saved. */
export const RescueLook = z.object({
  /** Which way in worked, in words. */
  entry: NoteModel,
  label: z.string(),
  subvolumes: z.array(RescueSubvolume),
  lost: z.array(LostBlock),
});
export type RescueLook = z.infer<typeof RescueLook>;

export const RescueList = z.object({
  files: z.array(
    z.object({
      /** From the subvolume's top. */
      path: PathText,
      type: EntryType,
      inode: z.int(),
      sizeBytes: z.int().nullable(),
      modifiedAtMs: z.int().nullable(),
      /** Why it cannot be read; null when all is well. */
      problem: NoteModel.nullable(),
    }),
  ),
  total: Count,
});
export type RescueList = z.infer<typeof RescueList>;

export const RescueOutcome = z.object({
  subvolumes: z.array(
    RescueSubvolume.extend({
      /** Where it was copied to, below the folder. */
      folder: PathText,
      files: Count,
      directories: Count,
      symlinks: Count,
      bytes: Count,
      unverifiedBytes: Count,
    }),
  ),
  failed: z.array(RescueSubvolume.extend({ reason: NoteModel })),
  /** Read-only snapshots that were not asked for. */
  leftOut: z.array(RescueSubvolume),
  losses: z.array(
    z.object({
      subvolumeId: Count,
      path: PathText,
      inode: z.int(),
      what: z.enum(['data', 'file', 'directory', 'properties', 'map', 'special']),
      reason: NoteModel,
      offset: Count.optional(),
      lengthBytes: Count.optional(),
    }),
  ),
  lossesLeftOut: Count,
  lost: z.array(LostBlock),
});
export type RescueOutcome = z.infer<typeof RescueOutcome>;
