import { z } from 'zod';
import { Count, PathText } from './basics.ts';

/** Bytes on disk, compressed, one copy of each. */
export const SpaceBill = z.object({
  totalBytes: Count,
  subvolumes: z.array(
    z.object({
      subvolumeId: Count,
      path: PathText,
      /** Deleted, and not yet freed by the kernel. */
      isDeleted: z.boolean(),
      referencedBytes: Count,
      /** Referred to by no other subvolume: freed when it is deleted. */
      exclusiveBytes: Count,
      sharedBytes: Count,
    }),
  ),
});
export type SpaceBill = z.infer<typeof SpaceBill>;

/**
 * Its limits: what was deleted shows as its folder only; which properties changed is not
 * known; a change that was undone is a change.
 */
export const ChangedSince = z.object({
  generation: Count,
  changed: z.array(
    z.object({
      inode: Count,
      /** Null for one that has no name any more. */
      path: PathText.nullable(),
      mode: Count,
      sizeBytes: Count,
      /** The generation that changed it last. */
      transid: Count,
      /** Made since, rather than changed. */
      isNew: z.boolean(),
    }),
  ),
  total: Count,
});
export type ChangedSince = z.infer<typeof ChangedSince>;

/** Something that was bad on a disk. */
export const DamageModel = z.object({
  what: z.enum(['superblock', 'metadata', 'data']),
  /** Kebab-case: 'checksum', 'parity', 'device-read-failed' ... */
  reason: z.string(),
  device: PathText,
  physical: Count,
  logical: z.int(),
  lengthBytes: Count,
  /** How the good content is to be had; absent: not at all. */
  healedBy: z.enum(['mirror', 'parity']).optional(),
  goodDevice: PathText.optional(),
  goodPhysical: Count.optional(),
  /** The volume was written to meanwhile: the place may just have been used again. */
  uncertain: z.boolean().optional(),
  tree: z.int().optional(),
  inode: Count.optional(),
  path: PathText.optional(),
  /** Byte offset in the file. */
  offset: Count.optional(),
});
export type DamageModel = z.infer<typeof DamageModel>;

export const VerifyReport = z.object({
  blocks: Count,
  dataBytes: Count,
  unverifiedBytes: Count,
  damages: z.array(DamageModel),
  damagesLeftOut: Count,
  missingDevices: z.array(Count),
});
export type VerifyReport = z.infer<typeof VerifyReport>;
