import { z } from 'zod';

/** 32 hexadecimal digits. */
const UuidHex = z.string().regex(/^[0-9a-f]{32}$/);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.int().nonnegative();
/** A name in the folder of its source: nothing that leads out of it. */
const FileName = z
  .string()
  .min(1)
  .max(255)
  .refine(
    (name) => !/[/\\\0]/.test(name) && name !== '.' && name !== '..',
    'leads out of its folder',
  );

/**
 * Fields that a newer version has added are kept, so that they are there when a record is written
 * again; the type tells of those only that this version knows.
 */
function open<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape) as unknown as z.ZodObject<Shape>;
}

const Identity = open({ uuid: UuidHex, ctransid: Count });
export type Identity = z.infer<typeof Identity>;

/**
 * As text, which tells a snapshot from what it was before it was made writable, changed, and sent
 * once more.
 */
export function exactly({ uuid, ctransid }: Identity): string {
  return `${uuid}@${ctransid}`;
}

export const FilePart = open({ file: FileName, bytes: Count, sha256: Sha256 });
export type FilePart = z.infer<typeof FilePart>;

export const POINT_FORMAT = 'dendro-point';
export const ARCHIVE_FORMAT = 'dendro-archive';
/** A reader that knows a lower number refuses; fields may be added without a new one. */
export const FORMAT_VERSION = 1;

/** One restore point: a snapshot, and the stream file that makes it. */
export const PointRecord = open({
  format: z.literal(POINT_FORMAT),
  version: z.literal(FORMAT_VERSION),
  /** The snapshot's name, as text that keeps its bytes. */
  name: z.string().max(16_384),
  uuid: UuidHex,
  ctransid: Count,
  /** Of the snapshot, where it was sent without some paths: `uuid` is another then. */
  snapshotUuid: UuidHex.optional(),
  /** What the stream builds on; null for a full one. */
  parent: Identity.nullable(),
  /** Other snapshots that it takes data from. */
  cloneSources: z.array(Identity),
  /** When the snapshot was made, by the clock of its computer. */
  takenAtMs: z.int(),
  exportedAtMs: z.int(),
  /** Composed by Dendro from a chain, not sent by a filesystem. */
  isSynthetic: z.boolean(),
  /** Whom it is encrypted to; empty: it is not encrypted. */
  recipients: z.array(z.string()),
  /** Patterns of gitignore that were left out. */
  excludes: z.array(z.string()),
  protocol: z.int().min(1).max(3),
  commands: Count,
  /** The plain stream: what `btrfs receive` gets. */
  plain: open({ bytes: Count, sha256: Sha256 }),
  /** Names in the snapshot, the top not counted; null when that was not counted. */
  names: Count.nullable(),
  dataBytes: Count,
  /** In the order of `cat`. */
  parts: z.array(FilePart).min(1),
  index: FilePart.nullable(),
  /** Files changed in part that have no hash yet: what the stream builds on is not here. */
  unhashed: Count.optional(),
  /** Which computer exported it, see `computerOf`: a clone of it has the same subvolumes. */
  computer: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  /** How often the record was written again since it was exported; none: never. */
  revision: Count.optional(),
});
export type PointRecord = z.infer<typeof PointRecord>;

/** What a point takes on the drive: the files of its stream, and its index. */
export function fileBytesOf({ parts, index }: Pick<PointRecord, 'parts' | 'index'>): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, index?.bytes ?? 0);
}

export const SourceRecord = open({
  /** Of the source's stream files, in the archive. */
  folder: FileName,
  /** For people. */
  title: z.string().max(16_384),
  /** Of the subvolume that the snapshots were taken from; null when it is not known. */
  uuid: UuidHex.nullable(),
  /** Patterns that were purged, and are left out of all further exports. */
  purged: z.array(z.string()),
  points: z.array(PointRecord),
});
export type SourceRecord = z.infer<typeof SourceRecord>;

export const SOURCE_FORMAT = 'dendro-source';
/** Beside the streams of a source: what is known of it, should the manifest be lost. */
export const SourceFile = SourceRecord.omit({ folder: true, points: true }).extend({
  format: z.literal(SOURCE_FORMAT),
  version: z.literal(FORMAT_VERSION),
});
export type SourceFile = z.infer<typeof SourceFile>;

export const Encryption = open({
  /** All that streams and indexes are encrypted to (`age1...`). */
  recipients: z.array(z.string()).min(1),
  /** A file with an identity under a passphrase; null: its recipients have their own. */
  keyFile: FileName.nullable(),
});
export type Encryption = z.infer<typeof Encryption>;

export const Manifest = open({
  format: z.literal(ARCHIVE_FORMAT),
  version: z.literal(FORMAT_VERSION),
  archiveId: z.string().min(1).max(64),
  createdAtMs: z.int(),
  encryption: Encryption.nullable(),
  sources: z.array(SourceRecord),
});
export type Manifest = z.infer<typeof Manifest>;
