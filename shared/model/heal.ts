import { z } from 'zod';
import { Count, NoteModel, PathText, TimeMs } from './basics.ts';
import { PointPlace } from './place.ts';
import { SubvolumeRef } from './subvolume.ts';

/** Another state of the files in which the same file was looked for. */
export const HealCopy = z.object({
  /** Without what opens it. */
  place: PointPlace,
  /** What to call the point, and where it is. */
  name: PathText,
  where: z.string(),
  takenAtMs: TimeMs.nullable(),
  /**
   * How it is known that its bytes are the lost ones.
   * - checksum: each block is held against the checksum that the damaged volume has of it;
   * - same-file: size, time and all bytes that can still be read are the same (compressed data,
   *   whose checksums are of what is stored);
   * - none: another version of the file, or one that is damaged at the same place.
   */
  proof: z.enum(['checksum', 'same-file', 'none']),
  /** Of the lost bytes, those that it holds. */
  goodBytes: Count,
  sizeBytes: Count,
  modifiedAtMs: TimeMs,
});
export type HealCopy = z.infer<typeof HealCopy>;

/** A file of which something fails its checksum in every copy that the volume itself has. */
export const HealFile = z.object({
  path: PathText,
  /** Its other names. */
  otherPaths: z.array(PathText),
  inode: Count,
  sizeBytes: Count,
  modifiedAtMs: TimeMs,
  lost: z.array(z.object({ offset: Count, lengthBytes: Count, reason: NoteModel })),
  lostBytes: Count,
  /** Those that have all of it first. */
  copies: z.array(HealCopy),
  /** The copies together have all that is lost. */
  isHealable: z.boolean(),
});
export type HealFile = z.infer<typeof HealFile>;

export const HealReport = z.object({
  source: SubvolumeRef,
  files: z.array(HealFile),
  /** Damaged files past a limit. */
  filesLeftOut: Count,
  filesChecked: Count,
  bytesChecked: Count,
  /** Without checksums: nothing can be said of them. */
  unverifiedBytes: Count,
  /** Files that are bad in one copy and good in another of the volume's own: a scrub heals them. */
  mirrored: z.array(PathText),
  mirroredCount: Count,
  /** The tree itself is damaged, so that not all files were seen; null when it is whole. */
  treeProblem: NoteModel.nullable(),
  /** Places that were looked into, and why some could not be. */
  placesLooked: Count,
  placesFailed: z.array(z.object({ name: z.string(), reason: NoteModel })),
});
export type HealReport = z.infer<typeof HealReport>;

export const HealOutcome = z.object({
  files: z.array(
    z.object({
      path: PathText,
      /**
       * - healed: written and found good by its checksums afterwards;
       * - good: it was good already;
       * - partly, failed: see `reason`; what was good is as it was.
       */
      state: z.enum(['healed', 'good', 'partly', 'failed']),
      healedBytes: Count,
      lostBytes: Count,
      /** Names of the points that the bytes came from. */
      from: z.array(PathText),
      reason: NoteModel.nullable(),
    }),
  ),
});
export type HealOutcome = z.infer<typeof HealOutcome>;
