import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DendroError, noteOfError } from '../../../shared/errors.ts';
import type { Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import { openToWrite, type WritableArchive } from '../export/prepare.ts';
import { filesOf, isSame, openArchive, readSourceFile, saveArchive } from '../folder/archive.ts';
import { readRecords, type FoundRecord } from '../folder/documents.ts';
import { fileHash } from '../folder/file-hash.ts';
import { isRealFolder } from '../folder/open-file.ts';
import { openKeys, recoverEncryption, type Secrets } from '../folder/keys.ts';
import {
  AGE_SUFFIX,
  baseOf,
  isListedAs,
  mayBeOurs,
  RESUME_SUFFIX,
  STREAM_SUFFIX,
} from '../folder/names.ts';
import type { KeyRing } from '../format/age-header.ts';
import {
  FORMAT_VERSION,
  POINT_FORMAT,
  type Encryption,
  type PointRecord,
  type SourceRecord,
} from '../format/manifest.ts';
import { isDamage } from '../read/damage.ts';
import { ArchiveReader, type PointRef } from '../read/reader.ts';
import { fillHashes } from './fill-hashes.ts';
import { rebuildPoint } from './rebuild-point.ts';

export interface RebuildInput {
  readonly folder: string;
  readonly secrets?: Secrets;
  readonly nowMs: number;
}

export interface RebuildSummary {
  /** Points whose index was made again, and streams that were taken in. */
  readonly rebuilt: readonly string[];
  readonly adopted: readonly string[];
  /** Streams that cannot be read, and why. */
  readonly failures: readonly { readonly file: string; readonly message: Note }[];
  readonly notes: readonly Note[];
}

/**
 * Makes every index again from its stream, and the records and the manifest where they are
 * lost: everything but the streams themselves can be lost.
 */
export async function rebuildIndex(
  input: RebuildInput,
  context: VerbContext,
): Promise<RebuildSummary> {
  const archive = await openForRebuild(input);
  try {
    const adopted = adoptable(archive);
    const keys = await openKeys(archive.folder, archive.manifest, input.secrets ?? {});
    const reader = new ArchiveReader(archive, keys);
    try {
      return await new Rebuild(reader, input.nowMs, context).run(adopted, keys);
    } finally {
      reader.close();
    }
  } finally {
    archive.close();
  }
}

class Rebuild {
  readonly #reader: ArchiveReader;
  readonly #nowMs: number;
  readonly #context: VerbContext;
  readonly #failures: { file: string; message: Note }[] = [];
  readonly #unread = new Set<PointRecord>();
  #records: readonly FoundRecord[] | undefined;

  constructor(reader: ArchiveReader, nowMs: number, context: VerbContext) {
    this.#reader = reader;
    this.#nowMs = nowMs;
    this.#context = context;
  }

  async run(strays: readonly PointRef[], keys: KeyRing): Promise<RebuildSummary> {
    const { archive } = this.#reader;
    const { folder, manifest } = archive;
    // They first: one may be what is missing of a point that is known.
    const adopted = await this.#each(strays, (ref) => this.#point(ref, true));
    const others = this.#reader.all.filter(({ point }) => !adopted.includes(point));
    const rebuilt = await this.#each(others, (ref) => this.#known(ref));
    await fillHashes(archive, () => Promise.resolve(keys), this.#context);
    const { all, notes } = this.#reader;
    // What could not be read is told of as it was: another time it may be.
    const described = all.filter(({ point }) => !this.#unread.has(point));
    saveArchive(
      folder,
      manifest,
      described.map(({ point }) => point),
    );
    const namesOf = (points: readonly PointRecord[]): string[] =>
      all.filter(({ point }) => points.includes(point)).map(nameOf);
    return {
      ...{ rebuilt: namesOf(rebuilt), adopted: namesOf(adopted) },
      ...{ failures: this.#failures, notes },
    };
  }

  /** Returns the records that were made. */
  async #each(
    refs: readonly PointRef[],
    rebuild: (ref: PointRef) => Promise<PointRecord | undefined>,
  ): Promise<PointRecord[]> {
    const made: PointRecord[] = [];
    for (const ref of refs) {
      try {
        const point = await rebuild(ref);
        if (point !== undefined) made.push(point);
      } catch (error) {
        if (!(error instanceof DendroError) || error.kind === 'Cancelled') throw error;
        const file = `${ref.source.folder}/${ref.point.name}`;
        this.#failures.push({ file: printable(file), message: noteOfError(error) });
        this.#unread.add(ref.point);
      }
    }
    return made;
  }

  /** Where what the manifest says leads nowhere, as the record beside the stream has it. */
  async #known({ source, point }: PointRef): Promise<PointRecord | undefined> {
    // One that was known by a wrong identity has turned out to be this one.
    if (!source.points.includes(point)) return undefined;
    const record = this.#otherRecord({ source, point });
    const before = source.points;
    try {
      return this.#measured(source, await this.#point({ source, point }, false), record);
    } catch (error) {
      if (record === undefined || !isDamage(error)) throw error;
      source.points = before.map((one) => (one === point ? record : one));
      try {
        return await this.#point({ source, point: record }, false);
      } catch {
        source.points = before;
        throw error;
      }
    }
  }

  /** The stream was the right one: what is said of its files otherwise was changed by accident. */
  #measured(
    { folder }: SourceRecord,
    made: PointRecord | undefined,
    record: PointRecord | undefined,
  ): PointRecord | undefined {
    const inside = join(this.#reader.archive.folder, folder);
    const isAsMeasured = made?.parts.every(
      ({ file, bytes }) => statSync(join(inside, file)).size === bytes,
    );
    const isDoubtful = record !== undefined && !isDeepStrictEqual(record.parts, made?.parts);
    if (made !== undefined && (isDoubtful || isAsMeasured === false))
      made.parts = made.parts.map((part) => ({ ...part, ...fileHash(join(inside, part.file)) }));
    return made;
  }

  /** One that says something else. */
  #otherRecord({ source, point }: PointRef): PointRecord | undefined {
    this.#records ??= readRecords(this.#reader.archive.folder, []);
    const found = this.#records.find(
      (one) => one.folder === source.folder && isSame(one.point, point),
    );
    return isDeepStrictEqual(found?.point, point) ? undefined : found?.point;
  }

  #point(ref: PointRef, isStray: boolean): Promise<PointRecord | undefined> {
    return rebuildPoint(this.#reader, ref, { isStray, nowMs: this.#nowMs }, this.#context);
  }
}

/** The manifest, or when everything but the streams is lost, a new one. */
async function openForRebuild({
  folder,
  nowMs,
  secrets = {},
}: RebuildInput): Promise<WritableArchive> {
  // Before anything is made: an archive without encryption would have the next export unsealed.
  const recovered = await lostEncryption(folder, secrets);
  const request = recovered && { recipients: recovered.recipients };
  const archive = await openToWrite(folder, nowMs, request, true);
  if (recovered) archive.manifest.encryption = recovered;
  const there = readdirSync(folder).filter(mayBeOurs);
  for (const name of there) {
    const inside = join(folder, name);
    if (!isRealFolder(inside) || streamsIn(inside).length === 0) continue;
    const known = archive.manifest.sources.find((one) => isListedAs(name, one.folder, there));
    if (known !== undefined) {
      known.folder = name;
      continue;
    }
    const source: SourceRecord = {
      folder: name,
      title: name,
      uuid: null,
      purged: [],
      points: [],
    };
    readSourceFile(folder, source);
    archive.manifest.sources.push(source);
  }
  return archive;
}

/** Where there are encrypted streams and nothing says to whom. */
async function lostEncryption(folder: string, secrets: Secrets): Promise<Encryption | undefined> {
  if (knownEncryption(folder) !== null || !existsSync(folder)) return undefined;
  const sealed = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.includes(STREAM_SUFFIX + AGE_SUFFIX) && mayBeOurs(basename(name)));
  if (sealed.length === 0) return undefined;
  return recoverEncryption(
    folder,
    secrets,
    sealed.map((name) => join(folder, name)),
  );
}

function knownEncryption(folder: string): Encryption | null {
  try {
    return openArchive(folder).manifest.encryption;
  } catch (error) {
    if (error instanceof DendroError) return null;
    throw error;
  }
}

/** Stream files that no point lists. */
function adoptable({ folder, manifest }: WritableArchive): PointRef[] {
  return manifest.sources.flatMap((source) => {
    const inside = join(folder, source.folder);
    if (!existsSync(inside)) return [];
    const listed = new Set(source.points.flatMap((point) => filesOf(point)));
    const all = streamsIn(inside);
    const isListed = (name: string): boolean =>
      listed.has(name) || [...listed].some((one) => isListedAs(name, one, all));
    const names = all.filter((name) => !isListed(name));
    const unfinished = readdirSync(inside).filter((name) => name.endsWith(RESUME_SUFFIX));
    const bases = new Set(names.filter((name) => !name.includes('.partial-')).map(baseOf));
    return [...bases]
      .filter((base) => !unfinished.includes(base + RESUME_SUFFIX))
      .map((base) => ({
        source,
        point: strayPoint(manifest, inside, names.filter((name) => baseOf(name) === base).sort()),
      }));
  });
}

function streamsIn(inside: string): string[] {
  return readdirSync(inside).filter((name) => mayBeOurs(name) && name.includes(STREAM_SUFFIX));
}

function strayPoint(
  manifest: WritableArchive['manifest'],
  inside: string,
  files: readonly string[],
): PointRecord {
  const isEncrypted = files[0]!.includes(`${STREAM_SUFFIX}${AGE_SUFFIX}`);
  return {
    ...{
      format: POINT_FORMAT,
      version: FORMAT_VERSION,
      name: files[0]!,
      uuid: '0'.repeat(32),
      ctransid: 0,
    },
    ...{
      parent: null,
      cloneSources: [],
      isSynthetic: false,
      excludes: [],
      protocol: 1,
      commands: 0,
    },
    takenAtMs: Math.floor(statSync(join(inside, files[0]!)).mtimeMs),
    exportedAtMs: Math.floor(statSync(join(inside, files[0]!)).mtimeMs),
    recipients: isEncrypted ? (manifest.encryption?.recipients ?? ['unknown']) : [],
    plain: { bytes: 0, sha256: '0'.repeat(64) },
    ...{ names: null, dataBytes: 0, index: null },
    parts: files.map((file) => ({ file, ...fileHash(join(inside, file)) })),
  };
}

function nameOf({ source, point }: PointRef): string {
  return `${source.folder}/${point.name}`;
}
