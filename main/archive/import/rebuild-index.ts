import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { corrupt, DendroError, noteOfError } from '../../../shared/errors.ts';
import { say, type Note } from '../../../shared/said.ts';
import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import { hashComposed } from '../compose/hash-composed.ts';
import { openToWrite, type WritableArchive } from '../export/prepare.ts';
import { filesOf, isSame, readSourceFile, removeFiles, saveArchive } from '../folder/archive.ts';
import { tryToTidy } from '../folder/durable.ts';
import { fileHash } from '../folder/file-hash.ts';
import { isRealFolder } from '../folder/open-file.ts';
import { openKeys, recoverEncryption, type Secrets } from '../folder/keys.ts';
import { AGE_SUFFIX, baseOf, mayBeOurs, RESUME_SUFFIX, STREAM_SUFFIX } from '../folder/names.ts';
import {
  FORMAT_VERSION,
  POINT_FORMAT,
  type PointRecord,
  type SourceRecord,
} from '../format/manifest.ts';
import { IndexFileWriter } from '../index/index-file.ts';
import { IndexWriter, type ForeignSource } from '../index/index-writer.ts';
import { IndexingSink, type StreamFacts } from '../index/indexing-sink.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import { openTree } from '../read/open-tree.ts';
import { ArchiveReader, type PointRef } from '../read/reader.ts';
import { streamSource } from '../read/stream-source.ts';
import { indexSpec } from './index-spec.ts';

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
      return await new Rebuild(reader, context).run(adopted);
    } finally {
      reader.close();
    }
  } finally {
    archive.close();
  }
}

class Rebuild {
  readonly #reader: ArchiveReader;
  readonly #context: VerbContext;
  readonly #failures: { file: string; message: Note }[] = [];

  constructor(reader: ArchiveReader, context: VerbContext) {
    this.#reader = reader;
    this.#context = context;
  }

  async run(strays: readonly PointRef[]): Promise<RebuildSummary> {
    const { folder, manifest } = this.#reader.archive;
    // They first: one may be what is missing of a point that is known.
    const adopted = await this.#each(strays, true);
    const others = this.#reader.all.filter(({ point }) => !adopted.includes(point));
    const rebuilt = await this.#each(others, false);
    saveArchive(
      folder,
      manifest,
      manifest.sources.flatMap(({ points }) => points),
    );
    const { all, notes } = this.#reader;
    const namesOf = (points: readonly PointRecord[]): string[] =>
      all.filter(({ point }) => points.includes(point)).map(nameOf);
    return {
      ...{ rebuilt: namesOf(rebuilt), adopted: namesOf(adopted) },
      ...{ failures: this.#failures, notes },
    };
  }

  /** Returns the records that were made. */
  async #each(refs: readonly PointRef[], isStray: boolean): Promise<PointRecord[]> {
    const made: PointRecord[] = [];
    for (const ref of refs) {
      const file = `${ref.source.folder}/${isStray ? ref.point.parts[0]!.file : ref.point.name}`;
      try {
        const point = await this.#rebuild(ref, isStray);
        if (point !== undefined) made.push(point);
      } catch (error) {
        if (!(error instanceof DendroError) || error.kind === 'Cancelled') throw error;
        this.#failures.push({ file: printable(file), message: noteOfError(error) });
      }
    }
    return made;
  }

  async #rebuild(ref: PointRef, isStray: boolean): Promise<PointRecord | undefined> {
    const { source, point } = ref;
    await this.#reader.unlock([ref]);
    const spec = await indexSpec(
      this.#reader.archive,
      source,
      baseOf(point.parts[0]!.file),
      point.recipients.length > 0,
    );
    const file = new IndexFileWriter(spec);
    try {
      const writer = new IndexWriter((frame) => file.frame(frame));
      const read = this.#read(ref, writer);
      const { facts } = read;
      const known = isStray && source.points.find((one) => isSame(one, facts.identity));
      if (known && (known.plain.sha256 !== read.plain.sha256 || this.#isThere(source, known))) {
        file.discard();
        return undefined;
      }
      if (!isStray && read.plain.sha256 !== point.plain.sha256) throw otherStream(point);
      const made: PointRecord = {
        ...point,
        ...(isStray && strayFields(facts)),
        ...(known && whatItWas(known)),
        plain: read.plain,
        protocol: read.version,
        commands: read.commands,
        dataBytes: writer.dataBytes,
        cloneSources: foreignOf(writer.foreign, facts),
      };
      const replaced = known || (isStray ? undefined : point);
      if (replaced === undefined) source.points.push(made);
      else source.points[source.points.indexOf(replaced)] = made;
      this.#hashDue({ source, point: made }, writer);
      writer.flush();
      const index = file.finish({
        ...{
          format: 'dendro-index',
          version: 1,
          ...facts.identity,
          plainSha256: read.plain.sha256,
        },
        ...{ operations: writer.operations, foreign: writer.foreign },
      });
      made.index = {
        file: index.path.slice(index.path.lastIndexOf('/') + 1),
        bytes: index.bytes,
        sha256: index.sha256,
      };
      saveArchive(this.#reader.archive.folder, this.#reader.archive.manifest, [made]);
      if (known) removeFiles(this.#reader.archive.folder, source, known);
      return made;
    } catch (error) {
      tryToTidy(() => file.discard());
      throw error;
    }
  }

  #isThere(source: SourceRecord, { parts }: PointRecord): boolean {
    const inside = join(this.#reader.archive.folder, source.folder);
    return parts.every(({ file }) => existsSync(join(inside, file)));
  }

  #read(ref: PointRef, writer: IndexWriter) {
    const hash = createHash('sha256');
    let bytes = 0;
    let base = 0;
    const inner = streamSource(this.#reader.stream(ref).plain);
    const source = {
      read: (target: Uint8Array, offset: number, length: number): number => {
        const count = inner.read(target, offset, length);
        hash.update(target.subarray(offset, offset + count));
        bytes += count;
        return count;
      },
    };
    const sink = new IndexingSink(writer, (data) => base + data.byteOffset);
    const { version } = decodeStream(source, sink, {
      cancel: this.#context.cancel,
      onProgress: (done) =>
        this.#context.progress({
          ...{ step: 'index', bytes: done, totalBytes: null, files: 0, totalFiles: null },
          current: ref.point.name,
        }),
      onCommand: (command, offset) => (base = offset - command.byteOffset),
    });
    const plain = { bytes, sha256: hash.digest('hex') };
    return { facts: sink.facts!, commands: sink.commands, version, plain };
  }

  /** Files changed in part: their hash needs the chain. Where that is not whole they have none. */
  #hashDue(ref: PointRef, writer: IndexWriter): void {
    writer.settle();
    if (writer.hasher.due.size === 0) return;
    const { cancel } = this.#context;
    try {
      const { tree, resolver } = openTree(this.#reader, ref, cancel);
      for (const { path, sha256 } of hashComposed(writer.hasher.due, tree, resolver, cancel)) {
        writer.hash(Buffer.from(path, 'latin1'), sha256);
      }
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind === 'Cancelled') throw error;
    }
  }
}

function otherStream({ parts }: PointRecord): DendroError {
  const file = printable(parts[0]!.file);
  return corrupt('stream-hash', say`"${{ file }}" is not the stream that was recorded.`, {
    hint: 'Take it from another copy. To take it in as it is, remove its .point.json and its lines in manifest.json.',
    place: { path: file },
  });
}

/** The manifest, or when everything but the streams is lost, a new one. */
async function openForRebuild({
  folder,
  nowMs,
  secrets = {},
}: RebuildInput): Promise<WritableArchive> {
  const archive = await openToWrite(folder, nowMs, undefined, true);
  for (const name of readdirSync(folder).filter(mayBeOurs)) {
    const inside = join(folder, name);
    if (!isRealFolder(inside) || streamsIn(inside).length === 0) continue;
    if (archive.manifest.sources.some((source) => source.folder === name)) continue;
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
  const isSealed = readdirSync(folder, { recursive: true }).some((name) =>
    String(name).includes(STREAM_SUFFIX + AGE_SUFFIX),
  );
  if (isSealed && archive.manifest.encryption === null) {
    archive.manifest.encryption = await recoverEncryption(folder, secrets);
  }
  return archive;
}

/** Stream files that no point lists. */
function adoptable({ folder, manifest }: WritableArchive): PointRef[] {
  return manifest.sources.flatMap((source) => {
    const inside = join(folder, source.folder);
    if (!existsSync(inside)) return [];
    const listed = new Set(source.points.flatMap((point) => filesOf(point)));
    const names = streamsIn(inside).filter((name) => !listed.has(name));
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

function strayFields(
  facts: StreamFacts,
): Pick<PointRecord, 'name' | 'uuid' | 'ctransid' | 'parent'> {
  return { name: textFromBytes(facts.name), ...facts.identity, parent: facts.parent };
}

/** What no stream says of itself. */
function whatItWas(
  known: PointRecord,
): Pick<PointRecord, 'name' | 'takenAtMs' | 'exportedAtMs' | 'isSynthetic' | 'excludes'> {
  const { name, takenAtMs, exportedAtMs, isSynthetic, excludes } = known;
  return { name, takenAtMs, exportedAtMs, isSynthetic, excludes };
}

function nameOf({ source, point }: PointRef): string {
  return `${source.folder}/${point.name}`;
}

/** Snapshots other than the parent that the stream takes data from. */
export function foreignOf(
  foreign: readonly ForeignSource[],
  { parent }: StreamFacts,
): PointRecord['cloneSources'] {
  const distinct = new Map(
    foreign.map(({ uuid, ctransid }) => [`${uuid} ${ctransid}`, { uuid, ctransid }]),
  );
  return [...distinct.values()].filter((one) => parent === null || !isSame(one, parent));
}
