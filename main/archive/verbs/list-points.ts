import { join } from 'node:path';
import type { ArchiveContents } from '../../../shared/model/archive.ts';
import { isSame, openArchive } from '../folder/archive.ts';
import { wholePoints } from '../folder/whole-points.ts';
import { baseOf } from '../folder/names.ts';
import { fileBytesOf, type PointRecord, type SourceRecord } from '../format/manifest.ts';
import { unfinishedIn } from '../write/unfinished.ts';

/**
 * What an archive holds; no file but its manifest and records is read, no key is needed. Of
 * streams it is seen whether they are there with their sizes.
 */
export function listArchive({ folder }: { readonly folder: string }): ArchiveContents {
  const { manifest, notes } = openArchive(folder);
  const whole = wholePoints(folder, manifest);
  return {
    folder,
    archiveId: manifest.archiveId,
    createdAtMs: manifest.createdAtMs,
    isEncrypted: manifest.encryption !== null,
    hasPassphrase: typeof manifest.encryption?.keyFile === 'string',
    sources: manifest.sources.map((source) => ({
      folder: source.folder,
      title: source.title,
      uuid: source.uuid,
      purged: source.purged,
      points: source.points.map((point) => pointModel(source, point, whole.has(point))),
      unfinished: unfinishedIn(join(folder, source.folder)).map(({ base, name, beganAtMs }) => ({
        base,
        name,
        beganAtMs,
      })),
    })),
    notes: [...notes],
  };
}

type PointModel = ArchiveContents['sources'][number]['points'][number];

function pointModel(
  { points }: SourceRecord,
  point: PointRecord,
  isRestorable: boolean,
): PointModel {
  const parent = point.parent && points.find((one) => isSame(one, point.parent!));
  return {
    name: point.name,
    base: baseOf(point.parts[0]!.file),
    uuid: point.uuid,
    ctransid: point.ctransid,
    ...(point.snapshotUuid !== undefined && { snapshotUuid: point.snapshotUuid }),
    excludes: point.excludes,
    parent: point.parent,
    parentName: parent?.name ?? null,
    kind: point.parent === null ? 'full' : 'increment',
    isRestorable,
    isSynthetic: point.isSynthetic,
    takenAtMs: point.takenAtMs,
    exportedAtMs: point.exportedAtMs,
    ...(point.computer !== undefined && { computer: point.computer }),
    fileBytes: fileBytesOf(point),
    streamBytes: point.plain.bytes,
    files: point.parts.map(({ file }) => file),
  };
}
