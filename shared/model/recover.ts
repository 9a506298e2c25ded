import { z } from 'zod';
import { Count, ErrorModel, NoteModel, PathText, TimeMs } from './basics.ts';
import { PointPlace } from './place.ts';

/** Something that was found and holds states of files. */
export const FoundHolder = z.object({
  kind: z.enum(['volume', 'archive', 'streams', 'folder']),
  path: PathText,
  name: z.string(),
  /** What other calls take for a volume; null for anything else. */
  volumeId: z.string().nullable(),
  /** Opened by a key or passphrase only. */
  isEncrypted: z.boolean(),
  /** Why it cannot be read as it is; null when all is well. */
  problem: ErrorModel.nullable(),
  /** A volume that does not open: `rescue.look` may still find a way in. */
  canRescue: z.boolean(),
  notes: z.array(NoteModel),
});
export type FoundHolder = z.infer<typeof FoundHolder>;

/** A state of files that can be looked into and restored from. */
export const FoundPoint = z.object({
  /** Index in `holders`. */
  holder: Count,
  name: PathText,
  kind: z.enum(['subvolume', 'snapshot', 'received', 'full', 'increment', 'folder']),
  /** What `place.*` takes; null for a stream file, which `recover.open` makes one of. */
  place: PointPlace.nullable(),
  takenAtMs: TimeMs.nullable(),
  /** False: received in part only, or what it builds on is not here. */
  isWhole: z.boolean(),
  /** Why it cannot be restored; null when it can. */
  problem: NoteModel.nullable(),
});
export type FoundPoint = z.infer<typeof FoundPoint>;

export const RecoverReport = z.object({
  path: PathText,
  holders: z.array(FoundHolder),
  /** Newest first. */
  points: z.array(FoundPoint),
  /** There is more than was looked through. */
  isCut: z.boolean(),
});
export type RecoverReport = z.infer<typeof RecoverReport>;
