import { join } from 'node:path';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import { excluder } from '../../engine/stream/exclude.ts';
import { StreamEncoder } from '../../engine/stream/encode.ts';
import type { Protocol } from '../../engine/stream/protocol.ts';
import { allFilesOf, removeFiles, saveArchive, type Archive } from '../folder/archive.ts';
import { tryToTidy } from '../folder/durable.ts';
import { openKeys, type Secrets } from '../folder/keys.ts';
import { freeBase, openToChange } from '../export/prepare.ts';
import { fileBytesOf, FORMAT_VERSION, POINT_FORMAT, type PointRecord } from '../format/manifest.ts';
import { openTree, type OpenTree } from '../read/open-tree.ts';
import { pickPoint } from '../read/pick.ts';
import { ArchiveReader, type PointRef } from '../read/reader.ts';
import type { PointInput } from '../verbs/session.ts';
import { FRAME_BYTES } from '../write/frame-ring.ts';
import { partLimit } from '../write/part-limit.ts';
import { PointWriter } from '../write/point-writer.ts';
import { noteBegun, noteEnded, removeUnfinished } from '../write/unfinished.ts';
import { composeTree } from './compose.ts';
import { hashComposed } from './hash-composed.ts';
import { ShortStream } from './short-stream.ts';
import { WrittenData } from './written-data.ts';
import type { Note } from '../../../shared/said.ts';

const LEVEL = 3;

export interface SyntheticInput extends PointInput {
  readonly nowMs: number;
  readonly partBytes?: number;
}

export interface SyntheticSummary {
  /** Its folder in the archive. */
  readonly source: string;
  readonly name: string;
  readonly fileBytes: number;
  readonly streamBytes: number;
  readonly notes: readonly Note[];
}

/**
 * Makes the stream of a point a full one, composed from its chain without the source. What
 * builds on it goes on to do so: it stays the same snapshot.
 */
export async function syntheticFull(
  input: SyntheticInput,
  context: VerbContext,
): Promise<SyntheticSummary> {
  const archive = openToChange(input.folder);
  try {
    const reader = await readerOf(archive, input.secrets);
    try {
      const ref = pickPoint(reader, input.point);
      const made =
        ref.point.parent === null ? ref.point : await composeFull(reader, ref, input, context);
      return {
        source: ref.source.folder,
        name: made.name,
        fileBytes: fileBytesOf(made),
        streamBytes: made.plain.bytes,
        notes: reader.notes,
      };
    } finally {
      reader.close();
    }
  } finally {
    archive.close();
  }
}

export async function readerOf(archive: Archive, secrets: Secrets = {}): Promise<ArchiveReader> {
  return new ArchiveReader(archive, await openKeys(archive.folder, archive.manifest, secrets));
}

export interface ComposeRequest {
  readonly nowMs: number;
  readonly partBytes?: number;
  /** Patterns of gitignore(5) that are left out of the new stream. */
  readonly purge?: readonly string[];
}

/**
 * Writes the full stream of a point beside the old one, lets the record and the manifest name
 * it, and only then removes the old one. The caller holds the archive's lock.
 */
export function composeFull(
  reader: ArchiveReader,
  ref: PointRef,
  request: ComposeRequest,
  context: VerbContext,
): Promise<PointRecord> {
  return reader.closing(() => compose(reader, ref, request, context));
}

async function compose(
  reader: ArchiveReader,
  ref: PointRef,
  request: ComposeRequest,
  context: VerbContext,
): Promise<PointRecord> {
  const { archive } = reader;
  const { source, point } = ref;
  await reader.unlock(reader.closureOf(ref));
  const open = openTree(reader, ref, context.cancel);
  const inside = join(archive.folder, source.folder);
  const base = freeBase(inside, Buffer.from(bytesFromText(point.name)));
  const note = { base, fingerprint: '', name: point.name, beganAtMs: request.nowMs };
  noteBegun(inside, { ...note, replaces: allFilesOf(point) });
  const recipients = archive.manifest.encryption?.recipients ?? [];
  const partBytes = request.partBytes ?? partLimit(archive.folder);
  const writer = await PointWriter.open({ inside, base, recipients, level: LEVEL, partBytes });
  try {
    const names = writeFull(reader, writer, open, request, context);
    const { due, commands, dataBytes, plain } = writer.indexed();
    const hashes = hashComposed(due, open.tree, open.resolver, context.cancel);
    const parts = writer.finishStream();
    const index = writer.finishIndex(point, hashes);
    const made: PointRecord = {
      ...point,
      format: POINT_FORMAT,
      version: FORMAT_VERSION,
      parts,
      plain,
      index,
      ...{ parent: null, cloneSources: [], isSynthetic: true, exportedAtMs: request.nowMs },
      ...{ recipients: [...recipients], commands, names, dataBytes },
      excludes: [...point.excludes, ...(request.purge ?? [])],
    };
    source.points[source.points.indexOf(point)] = made;
    saveArchive(archive.folder, archive.manifest, [made]);
    removeFiles(archive.folder, source, point);
    reader.forget(point);
    noteEnded(inside, base);
    return made;
  } catch (error) {
    writer.abort();
    tryToTidy(() => removeUnfinished(archive.folder, inside, base));
    throw error;
  }
}

/** Returns how many names there are. */
function writeFull(
  reader: ArchiveReader,
  writer: PointWriter,
  { ref, tree, resolver }: OpenTree,
  { purge = [] }: ComposeRequest,
  context: VerbContext,
): number {
  const { point } = ref;
  const isSealed = reader.archive.manifest.encryption !== null;
  const protocol = point.protocol as Protocol;
  const encoder = new StreamEncoder((bytes) => writer.write(bytes), {
    protocol,
    bufferBytes: FRAME_BYTES,
  });
  const { children } = tree.top;
  const stream = new ShortStream(
    encoder,
    (name) => children?.has(name.toString('latin1')) === true,
  );
  stream.subvol(bytesFromText(point.name), Buffer.from(point.uuid, 'hex'), point.ctransid);
  let total = 0;
  const written = new WrittenData(point.recipients.length > 0 || isSealed);
  reader.owns(written);
  const isExcluded = excluder(purge);
  composeTree(tree.top, resolver, stream, {
    protocol,
    cancel: context.cancel,
    ...(isExcluded && { isExcluded }),
    clones: { written, identity: point },
    onProgress: (bytes, names, current) => {
      total = names;
      context.progress({
        step: 'compose',
        bytes,
        totalBytes: null,
        files: names,
        totalFiles: null,
        current,
      });
    },
  });
  stream.end();
  return total;
}
