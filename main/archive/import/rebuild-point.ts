import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import type { Bytes } from '../../engine/stream/command-sink.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import { isSame, removeFiles, saveArchive } from '../folder/archive.ts';
import { tryToTidy } from '../folder/durable.ts';
import { baseOf } from '../folder/names.ts';
import { exactly, type PointRecord, type SourceRecord } from '../format/manifest.ts';
import { streamName } from '../format/stream-name.ts';
import { IndexFileWriter } from '../index/index-file.ts';
import { IndexWriter, type ForeignSource } from '../index/index-writer.ts';
import { IndexingSink, type StreamFacts } from '../index/indexing-sink.ts';
import type { ArchiveReader, PointRef } from '../read/reader.ts';
import { HashedSource, otherStream } from '../read/stream-source.ts';
import { filePart } from '../write/pack-output.ts';
import { indexSpec } from './index-spec.ts';
import { NewestChange } from './newest-change.ts';
import { fileTimes, takenAt } from './taken-at.ts';

export interface RebuildRequest {
  /** No point lists the stream: it becomes one, or what was missing of a known one. */
  readonly isStray: boolean;
  readonly nowMs: number;
}

/**
 * Makes the index of a point again from its stream, and its record as far as the stream says it;
 * hashes of files that it changes in part need its chain, and come after all (`fillHashes`).
 * @returns the new record, which the manifest has; undefined for a copy of what is known.
 * @throws Corrupt 'stream-hash': the stream is not the one of the record
 */
export async function rebuildPoint(
  reader: ArchiveReader,
  ref: PointRef,
  request: RebuildRequest,
  context: VerbContext,
): Promise<PointRecord | undefined> {
  const { source, point } = ref;
  const { archive } = reader;
  await reader.unlock([ref]);
  const base = baseOf(point.parts[0]!.file);
  const file = new IndexFileWriter(
    await indexSpec(archive, source, base, point.recipients.length > 0),
  );
  try {
    const writer = new IndexWriter((frame) => file.frame(frame));
    const read = readWhole(reader, ref, writer, request.nowMs, context);
    const { facts } = read;
    const known = request.isStray && source.points.find((one) => isSame(one, facts.identity));
    if (known && (known.plain.sha256 !== read.plain.sha256 || isThere(reader, source, known))) {
      file.discard();
      return undefined;
    }
    if (!request.isStray && read.plain.sha256 !== point.plain.sha256)
      throw otherStream(point.parts[0]!.file);
    const made: PointRecord = {
      ...(known ? { ...known, ...filesOf(point) } : point),
      ...(request.isStray && !known && strayFields(reader, ref, read, request.nowMs)),
      ...saidByStream(facts, (known || point).name),
      plain: read.plain,
      protocol: read.version,
      commands: read.commands,
      dataBytes: writer.dataBytes,
      cloneSources: foreignOf(writer.foreign, facts),
    };
    const replaced = known || (request.isStray ? undefined : point);
    if (replaced === undefined) source.points.push(made);
    else source.points[source.points.indexOf(replaced)] = made;
    source.points = source.points.filter((one) => one === made || !isSame(one, made));
    writer.flush();
    const { due } = writer.hasher;
    if (due.size > 0) made.unhashed = due.size;
    else delete made.unhashed;
    made.index = finished(file, facts, read.plain.sha256, writer);
    saveArchive(archive.folder, archive.manifest, [made]);
    if (known) removeFiles(archive.folder, source, known);
    return made;
  } catch (error) {
    tryToTidy(() => file.discard());
    throw error;
  }
}

function finished(
  file: IndexFileWriter,
  { identity }: StreamFacts,
  plainSha256: string,
  { operations, foreign }: IndexWriter,
): PointRecord['index'] {
  const footer = { format: 'dendro-index', version: 1, ...identity, plainSha256 } as const;
  return filePart(file.finish({ ...footer, operations, foreign }));
}

function isThere(
  { archive }: ArchiveReader,
  source: SourceRecord,
  { parts }: PointRecord,
): boolean {
  return parts.every(({ file }) => existsSync(join(archive.folder, source.folder, file)));
}

interface ReadStream extends Pick<PointRecord, 'plain' | 'commands'> {
  readonly facts: StreamFacts;
  readonly version: number;
  readonly changedMs: number | null;
}

function readWhole(
  reader: ArchiveReader,
  ref: PointRef,
  writer: IndexWriter,
  nowMs: number,
  context: VerbContext,
): ReadStream {
  let base = 0;
  const source = new HashedSource(reader.stream(ref).plain);
  const sink = new TimedIndexing(writer, nowMs, (data) => base + data.byteOffset);
  const { version } = decodeStream(source, sink, {
    cancel: context.cancel,
    onProgress: (done) =>
      context.progress({
        ...{ step: 'index', bytes: done, totalBytes: null, files: 0, totalFiles: null },
        current: ref.point.name,
      }),
    onCommand: (command, offset) => (base = offset - command.byteOffset),
  });
  const { commands, changed } = sink;
  const plain = { bytes: source.bytes, sha256: source.digest() };
  return { facts: sink.facts!, commands, version, plain, changedMs: changed.atMs };
}

class TimedIndexing extends IndexingSink {
  readonly changed: NewestChange;

  constructor(index: IndexWriter, nowMs: number, placeOf: (data: Bytes) => number) {
    super(index, placeOf);
    this.changed = new NewestChange(nowMs);
  }

  override utimes(path: Bytes, times: Bytes, hasOtime: boolean): void {
    super.utimes(path, times, hasOtime);
    this.changed.see(times);
  }
}

/** The rest of a known record is what no stream says of itself. */
function filesOf({
  parts,
  recipients,
  index,
}: PointRecord): Pick<PointRecord, 'parts' | 'recipients' | 'index'> {
  return { parts, recipients, index };
}

/** The record may have been changed by accident; of a stream that was cut short it says so. */
function saidByStream(
  { identity, parent, name }: StreamFacts,
  known: string,
): Pick<PointRecord, 'name' | 'uuid' | 'ctransid' | 'parent'> {
  const own = textFromBytes(name);
  return { name: streamName(known) === own ? known : own, ...identity, parent };
}

/** When it was taken is worked out as of an imported file. */
function strayFields(
  { archive }: ArchiveReader,
  { source, point }: PointRef,
  { facts, changedMs }: ReadStream,
  nowMs: number,
): Pick<PointRecord, 'takenAtMs'> {
  const { parent } = facts;
  const name = textFromBytes(facts.name);
  const below = source.points.find((one) => parent !== null && isSame(one, parent));
  const file = fileTimes(join(archive.folder, source.folder, point.parts[0]!.file));
  const stream = { name, changedMs, parentMs: below?.takenAtMs ?? null };
  return { takenAtMs: takenAt(stream, file, nowMs).atMs };
}

/** Snapshots other than the parent that the stream takes data from. */
export function foreignOf(
  foreign: readonly ForeignSource[],
  { parent }: StreamFacts,
): PointRecord['cloneSources'] {
  const distinct = new Map(
    foreign.map(({ uuid, ctransid }) => [exactly({ uuid, ctransid }), { uuid, ctransid }]),
  );
  return [...distinct.values()].filter((one) => parent === null || !isSame(one, parent));
}
