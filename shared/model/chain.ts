import { z } from 'zod';
import { FarContact } from './health.ts';
import { Count, PathText, TimeMs } from './basics.ts';

/** A restore point in its lineage. */
export const ChainPoint = z.object({
  pointId: z.string(),
  name: PathText,
  takenAtMs: TimeMs,
  /** What it was sent upon; null: in full, or another tool made it. */
  parentPointId: z.string().nullable(),
  /** That one is nowhere any more. */
  parentGone: z.boolean(),
  /** Volumes that hold it. */
  places: z.array(z.string()),
});
export type ChainPoint = z.infer<typeof ChainPoint>;

/** What the next backup to a place can build on. */
export const ChainPlace = z.object({
  volumeId: z.string(),
  name: z.string(),
  present: z.boolean(),
  /** Of another computer: when it answered; null for a drive. */
  far: FarContact.nullable(),
  points: Count,
  next: z.enum(['increment', 'full']),
  parentPointId: z.string().nullable(),
  why: z.enum([
    /** Both sides hold the parent. */
    'shared',
    /** Nothing of the source is there yet. */
    'first',
    /** The place has points, and none of them is left beside the source. */
    'parent-deleted-here',
  ]),
  /** The point that, sent back beside the source, makes the next backup an increment again. */
  mend: z.object({ pointId: z.string(), subvolumeId: Count }).nullable(),
});
export type ChainPlace = z.infer<typeof ChainPlace>;

export const Chain = z.object({ points: z.array(ChainPoint), places: z.array(ChainPlace) });
export type Chain = z.infer<typeof Chain>;

/** Of one source, with the command that mends each place where one does. */
export const SourceChain = Chain.extend({
  source: z.object({ volumeId: z.string(), subvolumeId: Count, name: PathText }),
  commands: z.array(z.object({ volumeId: z.string(), command: z.string() })),
});
export type SourceChain = z.infer<typeof SourceChain>;
