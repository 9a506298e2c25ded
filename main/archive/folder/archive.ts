import { existsSync, lstatSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { conflict, corrupt, DendroError } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { checksumText } from '../format/checksums.ts';
import {
  ARCHIVE_FORMAT,
  FORMAT_VERSION,
  SOURCE_FORMAT,
  type Identity,
  type Manifest,
  type PointRecord,
  type SourceFile,
  type SourceRecord,
} from '../format/manifest.ts';
import { readmeText } from '../format/readme.ts';
import { isDamage } from '../read/damage.ts';
import {
  readManifest,
  readRecords,
  recordIn,
  safeList,
  sourceFileIn,
  type FoundRecord,
} from './documents.ts';
import { isNewer, listedOnce } from './listed-once.ts';
import { assertStillThere } from './lock.ts';
import { readText, removeFile, writeDurably } from './durable.ts';
import {
  baseOf,
  CHECKSUMS,
  KEY_FILE,
  MANIFEST,
  README,
  RECORD_SUFFIX,
  SOURCE_FILE,
  isListedAs,
} from './names.ts';

/** A folder with stream files, as its manifest and the records beside the files describe it. */
export interface Archive {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** What a person should know: a manifest that was lost, a record that cannot be read. */
  readonly notes: readonly Note[];
}

/**
 * Opens an archive. Records beside the files that the manifest does not know (the process was
 * killed between the two) are taken in; a manifest that is lost is made again from them.
 * @throws Conflict 'no-archive', Corrupt 'manifest-damaged', Unsupported 'archive-version'
 */
export function openArchive(folder: string): Archive {
  const notes: Note[] = [];
  const records = readRecords(folder, notes);
  const manifest = manifestOr(folder, records, notes);
  if (manifest === undefined && records.length === 0) throw noArchive(folder);
  const known = merged(folder, manifest ?? recovered(folder, records), records, notes);
  for (const source of known.sources) assertInside(folder, source.folder);
  if (manifest === undefined) for (const source of known.sources) readSourceFile(folder, source);
  return { folder, manifest: known, notes };
}

/** Undefined where the records must do. @throws as `readManifest`, when there are none */
function manifestOr(
  folder: string,
  { length }: readonly FoundRecord[],
  notes: Note[],
): Manifest | undefined {
  try {
    const manifest = readManifest(folder);
    if (manifest === undefined && length > 0) {
      notes.push(
        noted(
          'manifest-missing',
          say`${{ file: MANIFEST }} is missing; the records beside the stream files are used instead.`,
        ),
      );
    }
    return manifest;
  } catch (error) {
    if (length === 0 || !isDamage(error)) throw error;
    notes.push(
      noted(
        'manifest-not-read',
        say`${{ file: MANIFEST }} is damaged; the records beside the stream files are used instead.`,
      ),
    );
    return undefined;
  }
}

/**
 * Puts a manifest aside that says nothing any more, when no record does so instead. It is kept:
 * a person may read more out of it.
 */
export function putDamagedAside(folder: string): void {
  try {
    openArchive(folder);
  } catch (error) {
    if (!(error instanceof DendroError) || error.code !== 'manifest-damaged') throw error;
    renameSync(join(folder, MANIFEST), join(folder, `${MANIFEST}.damaged`));
  }
}

export function hasArchive(folder: string): boolean {
  return (
    existsSync(join(folder, MANIFEST)) || (existsSync(folder) && readRecords(folder, []).length > 0)
  );
}

/** Whether a key is needed for its names, as the manifest says; false where that cannot be read. */
export function isSealed(folder: string): boolean {
  try {
    return (readManifest(folder)?.encryption ?? null) !== null;
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
    return false;
  }
}

/** The record first, then the manifest, then what is for people: each whole or as it was. */
export function saveArchive(
  folder: string,
  manifest: Manifest,
  changed: readonly PointRecord[] = [],
): void {
  assertStillThere(folder);
  for (const source of manifest.sources) {
    const inside = join(folder, source.folder);
    mkdirSync(inside, { recursive: true });
    saveSourceFile(inside, source);
    for (const point of source.points) {
      if (changed.includes(point)) saveRecord(recordPath(folder, source, point), point);
    }
  }
  writeDurably(join(folder, MANIFEST), json(manifest));
  writeDurably(join(folder, CHECKSUMS), checksumText(manifest));
  writeDurably(join(folder, README), readmeText(manifest));
}

/** Until the manifest has it, too, the revision tells that this is the newer of the two. */
function saveRecord(path: string, point: PointRecord): void {
  const before = recordIn(readText(path) ?? '');
  if (before?.exportedAtMs === point.exportedAtMs && !isDeepStrictEqual(before, point)) {
    point.revision = Math.max(before.revision ?? 0, point.revision ?? 0) + 1;
  }
  writeDurably(path, json(point));
}

function saveSourceFile(inside: string, source: SourceRecord): void {
  const path = join(inside, SOURCE_FILE);
  const before = readText(path);
  const file: SourceFile = {
    ...(before !== undefined && sourceFileIn(before)),
    ...{ format: SOURCE_FORMAT, version: FORMAT_VERSION },
    ...ofSource(source),
  };
  const text = json(file);
  if (before !== text) writeDurably(path, text);
}

const NOT_OF_SOURCE = ['folder', 'points', 'format', 'version'] as const;

/** What describes the source itself, with fields that this version does not know. */
export function ofSource<T extends object>(described: T): Omit<T, (typeof NOT_OF_SOURCE)[number]> {
  const left: readonly string[] = NOT_OF_SOURCE;
  const told = Object.entries(described).filter(([name]) => !left.includes(name));
  return Object.fromEntries(told) as Omit<T, (typeof NOT_OF_SOURCE)[number]>;
}

export function recordPath(folder: string, source: SourceRecord, point: PointRecord): string {
  return join(folder, source.folder, recordName(point));
}

function recordName({ parts }: PointRecord): string {
  return `${baseOf(parts[0]!.file)}${RECORD_SUFFIX}`;
}

/** Takes the files of a point away that no point of the manifest needs any more. */
export function removeFiles(folder: string, source: SourceRecord, point: PointRecord): void {
  const kept = new Set(source.points.flatMap((one) => filesOf(one)));
  const record = recordPath(folder, source, point);
  const isKept = source.points.some((one) => recordPath(folder, source, one) === record);
  if (!isKept) removeFile(record);
  for (const file of filesOf(point)) {
    if (!kept.has(file)) removeFile(join(folder, source.folder, file));
  }
}

export function filesOf({ parts, index }: PointRecord): string[] {
  return [...parts.map(({ file }) => file), ...(index === null ? [] : [index.file])];
}

/** With its record. */
export function allFilesOf(point: PointRecord): string[] {
  return [...filesOf(point), recordName(point)];
}

export function isSame(a: Identity, b: Identity): boolean {
  return a.uuid === b.uuid && a.ctransid === b.ctransid;
}

/** @throws Corrupt 'not-a-folder': a link, that would lead out of the archive */
function assertInside(folder: string, name: string): void {
  const status = lstatSync(join(folder, name), { throwIfNoEntry: false });
  if (status === undefined || status.isDirectory()) return;
  throw corrupt(
    'not-a-folder',
    say`"${{ name: printable(name) }}" in the archive is not a folder.`,
    {
      hint: 'Links are not followed; put the folder of the source itself there.',
      place: { path: printable(join(folder, name)) },
    },
  );
}

/** Of a manifest that was lost: the source's own file, where that is whole. */
export function readSourceFile(folder: string, source: SourceRecord): void {
  const text = readText(join(folder, source.folder, SOURCE_FILE));
  const file = text === undefined ? undefined : sourceFileIn(text);
  if (file !== undefined) Object.assign(source, ofSource(file));
}

/** Points that only their record knows, whose files are there. */
function merged(
  top: string,
  manifest: Manifest,
  records: readonly FoundRecord[],
  notes: Note[],
): Manifest {
  const sources = listedOnce(manifest.sources);
  const there = safeList(top);
  for (const { folder, point } of records) {
    let source =
      sources.find((one) => one.folder === folder) ?? renamed(there, sources, folder, point);
    if (source === undefined) {
      source = { folder, title: folder, uuid: null, purged: [], points: [] };
      sources.push(source);
    } else if (source.folder !== folder) {
      notes.push(
        noted(
          'folder-renamed',
          say`The folder "${{ was: printable(source.folder) }}" is called "${{ now: printable(folder) }}" now.`,
        ),
      );
      source.folder = folder;
    }
    const at = source.points.findIndex((one) => isSame(one, point));
    if (at < 0) source.points.push(point);
    else if (isNewer(point, source.points[at]!)) source.points[at] = point;
  }
  for (const { points } of sources)
    points.sort((a, b) => a.takenAtMs - b.takenAtMs || a.ctransid - b.ctransid);
  return { ...manifest, sources };
}

/**
 * The source that lists this point, when its own folder is not there: somebody renamed it. Where
 * case does not count its old name leads there still; were both listed, one would lose its files
 * with the other.
 */
function renamed(
  there: readonly string[],
  sources: readonly SourceRecord[],
  now: string,
  point: PointRecord,
): SourceRecord | undefined {
  return sources.find(
    ({ folder, points }) =>
      isListedAs(now, folder, there) ||
      (!there.includes(folder) && points.some((one) => isSame(one, point))),
  );
}

/** What can be known without a manifest. */
function recovered(folder: string, records: readonly FoundRecord[]): Manifest {
  const oldestFirst = records
    .map(({ point }) => point)
    .sort((a, b) => a.exportedAtMs - b.exportedAtMs);
  const recipients = oldestFirst.findLast((point) => point.recipients.length > 0)?.recipients;
  const keyFile = existsSync(join(folder, KEY_FILE)) ? KEY_FILE : null;
  return {
    format: ARCHIVE_FORMAT,
    version: FORMAT_VERSION,
    archiveId: `recovered-${oldestFirst[0]!.uuid}`,
    createdAtMs: oldestFirst[0]!.exportedAtMs,
    encryption: recipients === undefined ? null : { recipients, keyFile },
    sources: [],
  };
}

function noArchive(folder: string): DendroError {
  return conflict('no-archive', say`"${{ folder: printable(folder) }}" is no archive of Dendro.`, {
    hint: 'Name the folder that holds manifest.json, or make one with: dendro archive export',
    place: { path: printable(folder) },
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
