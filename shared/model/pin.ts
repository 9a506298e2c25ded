import { z } from 'zod';
import { PathText, TimeMs } from './basics.ts';

/** A point that stays because the next backup of its source to a place builds on it. */
export const PinReport = z.object({
  sourceUuid: z.string(),
  /** A volume, or the key of a plan's target that is none. */
  placeId: z.string(),
  placeName: z.string(),
  pointId: z.string(),
  /** Null when nothing is known of the point any more. */
  pointName: PathText.nullable(),
  takenAtMs: TimeMs.nullable(),
  sentAtMs: TimeMs,
  /** When the place was here or was reached last. */
  lastSeenAtMs: TimeMs.nullable(),
  /** It was away for longer than the plans that send there bear. */
  overdue: z.boolean(),
});
export type PinReport = z.infer<typeof PinReport>;
