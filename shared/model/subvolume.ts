import { z } from 'zod';
import { MadeBy } from './other-tool.ts';
import { SourceHealth } from './health.ts';
import { Count, PathText, TimeMs, Uuid } from './basics.ts';

/** Names one subvolume or snapshot on one volume. */
export const SubvolumeRef = z.object({ volumeId: z.string().min(1), subvolumeId: Count });
export type SubvolumeRef = z.infer<typeof SubvolumeRef>;

export const Subvolume = SubvolumeRef.extend({
  /** 'snapshot': made from another subvolume; 'received': came in by a stream. */
  kind: z.enum(['subvolume', 'snapshot', 'received']),
  /** From the volume's top level, without a leading slash; '' is the top level itself. */
  path: PathText,
  /** Where it can be seen now, or null. */
  mountedPath: PathText.nullable(),
  uuid: Uuid.nullable(),
  parentUuid: Uuid.nullable(),
  receivedUuid: Uuid.nullable(),
  /** Id of the subvolume that holds its directory entry. */
  parentId: Count,
  generation: Count,
  /** Generation of the last change, as the send stream carries it. */
  ctransid: Count,
  /** Generation in which it was created. */
  otransid: Count,
  /** Of a received one: the sender's ctransid, and the generation in which it was received. */
  stransid: Count,
  rtransid: Count,
  readOnly: z.boolean(),
  createdAtMs: TimeMs,
  /** False when it was received only in part: never a restore point, never a parent. */
  whole: z.boolean(),
});
export type Subvolume = z.infer<typeof Subvolume>;

/** One moment that can be gone back to, and every place where it is kept. */
export const RestorePoint = z.object({
  /** The uuid that all its copies share: the snapshot's own, or what it was received as. */
  pointId: z.string(),
  /** The uuid of the subvolume it was taken from; null when that is not known. */
  sourceUuid: Uuid.nullable(),
  /** Last part of its path. */
  name: PathText,
  takenAtMs: TimeMs,
  copies: z.array(
    SubvolumeRef.extend({
      volumeName: z.string(),
      path: PathText,
      /** False: on a drive that is away now. */
      present: z.boolean(),
      /** 'local': beside its source; 'drive': on another volume. */
      place: z.enum(['local', 'drive']),
      /** Patterns of gitignore(5) that this copy is without; absent: it is whole. */
      excludes: z.array(z.string()).optional(),
    }),
  ),
  /** Why it is kept for ever, whatever the rules say. */
  tag: z.string().optional(),
  /** The tool that made it, when it is one that Dendro knows; Dendro itself is not named. */
  madeBy: MadeBy.optional(),
  /** From the backup that made it; null when another tool did. */
  backup: z
    .object({ runId: z.string(), bytes: Count, files: Count, parentPointId: z.string().nullable() })
    .nullable(),
});
export type RestorePoint = z.infer<typeof RestorePoint>;

/** A subvolume that backups are or could be taken from, with all its restore points. */
export const Source = SubvolumeRef.extend({
  uuid: Uuid.nullable(),
  /** What to call it: its path, or the volume's name for a top level. */
  name: PathText,
  volumeName: z.string(),
  mountedPath: PathText.nullable(),
  /** False: on a volume that is away now; known from history. */
  present: z.boolean(),
  /** Newest first; the newest alone when only those were asked for. */
  points: z.array(RestorePoint),
  /** How many there are. */
  pointCount: Count,
  /** What is true of its protection. */
  health: SourceHealth,
  /** When the newest whole point was taken; null when there is none. */
  safeUpToMs: TimeMs.nullable(),
  /** Volumes that hold points of it. */
  places: z.array(
    z.object({
      volumeId: z.string(),
      name: z.string(),
      place: z.enum(['local', 'drive']),
      present: z.boolean(),
      newestPointMs: TimeMs.nullable(),
      lastSeenAtMs: TimeMs,
    }),
  ),
  nextRunAtMs: TimeMs.nullable(),
});
export type Source = z.infer<typeof Source>;
