import { z } from 'zod';
import { Count, ErrorModel, PathText, TimeMs, Uuid } from '../../../shared/model/basics.ts';
import { Subvolume } from '../../../shared/model/subvolume.ts';
import type { StreamHead } from '../transfer/stream-head.ts';

/**
 * What goes over the wire: a line of JSON each. The near end asks, the far end answers each
 * question with one line; behind the answer to `begin` the near end sends a stream, which ends
 * with its END.
 *
 * ```
 * far   {"dendro": 1, "can": ["records-due"]}
 * near  {"do": "describe", "folder"}                        far  Described
 * near  {"do": "begin", "folder", "stream", "fingerprint",
 *        "record"}                                          far  {"command", "isComplete"}
 *       ...bytes of the stream, from that command on...     far  Received
 * near  {"do": "keep", "folder", "stream", "bytes"}         far  {"ready": true}
 *       ...so many bytes of the packed record...            far  {"kept": true}
 * near  {"do": "remove", "folder", "uuid"}                  far  {"removed": true}
 * near  {"do": "records-due", "folder"}                     far  {"due": [stream...]}
 * near  {"do": "forgo-record", "folder", "stream"}          far  {"forgone": true}
 * far   {"error": ErrorData}, at any time, is its last word
 * ```
 *
 * What came later is asked of those only who say that they can; what older ones do not know in a
 * message they pass over.
 */
export const WIRE_VERSION = 1;
/** The far end knows of marks, which say that a record is due. */
export const CAN_RECORDS_DUE = 'records-due';
export const MAX_RECORD_BYTES = 256 << 20;

const Hex32 = z.string().regex(/^[0-9a-f]{32}$/);

const Head: z.ZodType<StreamHead> = z.object({
  name: PathText,
  uuid: Hex32,
  ctransid: Count,
  parentUuid: Hex32.nullable(),
  parentCtransid: Count.nullable(),
});

export const Question = z.discriminatedUnion('do', [
  z.object({ do: z.literal('describe'), folder: PathText }),
  z.object({
    do: z.literal('begin'),
    folder: PathText,
    stream: Head,
    /** Names everything else that decides the stream's bytes (`streamFingerprint`). */
    fingerprint: z.string().max(128),
    /** `keep` will follow: until it has, a mark says that the record is due. */
    record: z.boolean().optional(),
  }),
  z.object({
    do: z.literal('keep'),
    folder: PathText,
    stream: Head,
    /** So many bytes follow: the record, packed. */
    bytes: Count.max(MAX_RECORD_BYTES),
  }),
  z.object({ do: z.literal('remove'), folder: PathText, uuid: Uuid }),
  z.object({ do: z.literal('records-due'), folder: PathText }),
  z.object({ do: z.literal('forgo-record'), folder: PathText, stream: Head }),
]);
export type Question = z.infer<typeof Question>;

export const Greeting = z.union([
  z.object({ dendro: z.literal(WIRE_VERSION), can: z.array(z.string()).default([]) }),
  z.object({ stock: z.literal(1), isBtrfs: z.boolean() }),
]);

export const Failure = z.object({ error: ErrorModel });

/** A subvolume at the far end; what a stock far end cannot say is null. */
export const FarSubvolume = Subvolume.omit({ volumeId: true, mountedPath: true });
export type FarSubvolume = z.infer<typeof FarSubvolume>;

export const Described = z.object({
  isBtrfs: z.boolean(),
  freeBytes: Count.nullable(),
  totalBytes: Count.nullable(),
  /** All of the volume that the folder is on. */
  subvolumes: z.array(FarSubvolume),
  leftovers: z.array(
    z.object({
      key: z.string(),
      name: PathText,
      command: Count,
      isComplete: z.boolean(),
      beganAtMs: TimeMs,
    }),
  ),
});
export type Described = z.infer<typeof Described>;

export const Begun = z.object({ command: Count, isComplete: z.boolean() });

export const Received = z.object({
  received: z.object({
    commands: Count,
    losses: z.array(z.object({ path: z.string(), what: z.string() })),
    lossCount: Count,
  }),
});
export const Ready = z.object({ ready: z.literal(true) });
export const Kept = z.object({ kept: z.literal(true) });
export const RecordsDue = z.object({ due: z.array(Head) });
export const Forgone = z.object({ forgone: z.literal(true) });
export const Removed = z.object({ removed: z.literal(true) });
