import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { corrupt, DendroError, noteOfError, unsupported } from '../../../shared/errors.ts';
import { say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { FORMAT_VERSION, Manifest, PointRecord, SourceFile } from '../format/manifest.ts';
import { readText } from './durable.ts';
import { MANIFEST, mayBeOurs, RECORD_SUFFIX, SOURCE_FILE } from './names.ts';
import { isRealFolder } from './open-file.ts';

/**
 * As it stands on the drive; undefined when it is not there.
 * @throws Corrupt 'manifest-damaged', Unsupported 'archive-version'
 */
export function readManifest(folder: string): Manifest | undefined {
  const text = readText(join(folder, MANIFEST));
  return text === undefined ? undefined : parsed(text, Manifest, MANIFEST);
}

/** A record beside the stream of its point. */
export interface FoundRecord {
  readonly folder: string;
  readonly file: string;
  readonly point: PointRecord;
}

/** All that can be read; of the others a note says why not. */
export function readRecords(folder: string, notes: Note[]): FoundRecord[] {
  const found: FoundRecord[] = [];
  for (const name of safeList(folder).filter(mayBeOurs)) {
    const inside = join(folder, name);
    if (!isRealFolder(inside)) continue;
    for (const file of safeList(inside).filter(mayBeOurs)) {
      if (!file.endsWith(RECORD_SUFFIX)) continue;
      try {
        const text = readText(join(inside, file)) ?? '';
        found.push({ folder: name, file, point: parsed(text, PointRecord, `${name}/${file}`) });
      } catch (error) {
        notes.push(noteOfError(error));
      }
    }
  }
  return found;
}

/** The record with this text; undefined where it is damaged. */
export function recordIn(text: string): PointRecord | undefined {
  try {
    return parsed(text, PointRecord, RECORD_SUFFIX);
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
    return undefined;
  }
}

/** The file with this text; undefined where it is damaged. */
export function sourceFileIn(text: string): SourceFile | undefined {
  try {
    return parsed(text, SourceFile, SOURCE_FILE);
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
    return undefined;
  }
}

function parsed<T extends z.ZodType>(text: string, schema: T, name: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(name, cause);
  }
  const { version } = (value ?? {}) as { version?: unknown };
  if (typeof version === 'number' && version > FORMAT_VERSION) {
    throw unsupported(
      'archive-version',
      say`The archive is of version ${{ version }}; this Dendro knows ${{ known: FORMAT_VERSION }}.`,
      {
        hint: 'Update Dendro. The stream files can be restored by the commands in README.txt.',
      },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw damaged(name, result.error);
}

function damaged(name: string, cause: unknown): DendroError {
  return corrupt('manifest-damaged', say`${{ name: printable(name) }} of the archive is damaged.`, {
    hint: 'Make it again from the stream files: dendro archive rebuild-index',
    place: { path: printable(name) },
    cause,
  });
}

export function safeList(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
