import type { VolumeInput } from '../../engine/open-volumes.ts';
import { isSame } from '../folder/archive.ts';
import type { EncryptionRequest } from '../folder/keys.ts';
import { fileBytesOf, type PointRecord, type SourceRecord } from '../format/manifest.ts';
import type { Note } from '../../../shared/said.ts';

/**
 * Version 1 carries no inode flags, no space set aside and no time of birth; version 2 is read by
 * btrfs-progs from 6.0 on.
 */
export const EXPORT_PROTOCOL = 2;

export interface ExportInput {
  readonly volume: VolumeInput;
  /** A read-only snapshot. */
  readonly snapshotId: number;
  /** Absolute path of the archive's folder; it is made when it is empty or not there. */
  readonly folder: string;
  /** Milliseconds since 1970, by the caller's clock. */
  readonly nowMs: number;
  /** 'best' (default): what changed since the nearest snapshot that the archive has. */
  readonly parent?: 'best' | 'full';
  /** zstd, 1..19; default 3. */
  readonly level?: number;
  /** Patterns of gitignore(5) that are left out. */
  readonly excludes?: readonly string[];
  /** Version of the stream; default `EXPORT_PROTOCOL`. */
  readonly protocol?: 1 | 2;
  readonly compressedData?: boolean;
  /** What the source is called in the archive; default: by the path of its subvolume. */
  readonly title?: string;
  /** Of the snapshot, in the archive; default its own. */
  readonly name?: string;
  /** No part is larger; default: what the filesystem takes. */
  readonly partBytes?: number;
  /** What tells this computer from a clone of it, where there is such a thing. */
  readonly hardware?: string | undefined;
  /** For a new archive. */
  readonly encryption?: EncryptionRequest;
}

export interface ExportSummary {
  /** The source's folder in the archive. */
  readonly source: string;
  readonly name: string;
  readonly uuid: string;
  /** Name of the point that it builds on; null for a full export. */
  readonly parent: string | null;
  /** False: the archive had this snapshot already, nothing was written. */
  readonly isNew: boolean;
  /** Files with their folder, in the archive. */
  readonly files: readonly string[];
  readonly fileBytes: number;
  /** Of the plain stream. */
  readonly streamBytes: number;
  readonly dataBytes: number;
  readonly commands: number;
  /** Those that something was sent of: all but folders. */
  readonly changedFiles: number;
  /** Bytes of files without checksums: nothing proves that they are right. */
  readonly unverifiedBytes: number;
  /** Ids of those whose places alone were written. */
  readonly nestedSubvolumes: readonly number[];
  /** Commands that an earlier, interrupted export had written already. */
  readonly resumedCommands: number;
  readonly notes: readonly Note[];
}

/** What is said of a point that is in the archive now. */
export function exportSummary(
  { folder, points }: SourceRecord,
  point: PointRecord,
  more: Partial<ExportSummary>,
): ExportSummary {
  const parent = point.parent && points.find((one) => isSame(one, point.parent!));
  return {
    source: folder,
    name: point.name,
    uuid: point.uuid,
    parent: parent?.name ?? null,
    isNew: true,
    files: point.parts.map(({ file }) => `${folder}/${file}`),
    fileBytes: fileBytesOf(point),
    streamBytes: point.plain.bytes,
    dataBytes: point.dataBytes,
    commands: point.commands,
    changedFiles: 0,
    unverifiedBytes: 0,
    nestedSubvolumes: [],
    resumedCommands: 0,
    notes: [],
    ...more,
  };
}
