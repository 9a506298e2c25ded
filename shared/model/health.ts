import { z } from 'zod';
import { TimeMs } from './basics.ts';

/** Another computer that keeps backups: it is not asked for this, so what is said is when it last answered. */
export const FarContact = z.object({
  name: z.string(),
  /** When it last answered. */
  reachedAtMs: TimeMs.nullable(),
  /** When a plan called it after that, and it did not answer. */
  failedAtMs: TimeMs.nullable(),
});
export type FarContact = z.infer<typeof FarContact>;

/** What is true of the protection of one source, from which one sentence is made. */
export const SourceHealth = z.object({
  /**
   * 'none': no point. 'here-only': points beside the source only, gone with its disk. 'safe': on a
   * drive that is here, or a computer that answered when it was last called. 'away': on drives
   * that are all away, and computers that did not answer.
   */
  level: z.enum(['none', 'here-only', 'safe', 'away']),
  /** The newest point that the level speaks of; null at 'none'. */
  untilMs: TimeMs.nullable(),
  /** That date lies ahead of this computer's clock: when the point was taken is not known. */
  aheadOfClock: z.boolean(),
  /** The drives that hold that very point. */
  drives: z.array(z.string()),
  /** Those of them that are other computers. */
  farEnds: z.array(FarContact),
  /** It, or a newer one, is beside the source as well. */
  alsoHere: z.boolean(),
  /** At 'away': when one of those drives was last here. */
  lastSeenAtMs: TimeMs.nullable(),
  /** When a copy of that point on a drive was last found right; null when nobody looked. */
  provenAtMs: TimeMs.nullable(),
});
export type SourceHealth = z.infer<typeof SourceHealth>;
