import { z } from 'zod';
import { Count, NoteModel, PathText } from './basics.ts';
import { SubvolumeRef } from './subvolume.ts';

export const RollbackRequest = z.object({
  /** A snapshot of what is rolled back. */
  point: SubvolumeRef,
  /** What it takes the place of; left out: the subvolume that it was taken from. */
  targetId: Count.optional(),
  /** Goes on though no kernel in /boot has modules in the point. */
  isForced: z.boolean().default(false),
});
export type RollbackRequest = z.input<typeof RollbackRequest>;

const Place = z.object({ id: Count, path: PathText });

/** Paths are from the filesystem's top level. */
export const RollbackPlan = z.object({
  /** 'default': the system is found as the default subvolume, not by its name. */
  layout: z.enum(['named', 'default']),
  point: Place,
  target: Place,
  newPath: PathText,
  /** Where the old one is kept. */
  keptPath: PathText,
  setsDefault: z.boolean(),
  fixesFstab: z.boolean(),
  /** Nested subvolumes that come along. */
  nested: z.array(z.object({ from: PathText, to: PathText })),
  /** What a person has to know before. */
  notes: z.array(NoteModel),
  /** Where the old state is seen until it is mounted again. */
  mountPoints: z.array(PathText),
  /** What a person would type for the same. */
  commandLine: z.string(),
});
export type RollbackPlan = z.infer<typeof RollbackPlan>;
