import { DendroError } from '../../../shared/errors.ts';
import type { VerbContext } from '../../engine/context.ts';
import { contentHash } from '../compose/hash-composed.ts';
import { saveArchive, type Archive } from '../folder/archive.ts';
import { baseOf } from '../folder/names.ts';
import { KeyRing } from '../format/age-header.ts';
import type { PointRecord } from '../format/manifest.ts';
import { FileHashes } from '../index/file-hash.ts';
import { openTree, type OpenTree } from '../read/open-tree.ts';
import { ArchiveReader, type PointRef } from '../read/reader.ts';
import { DueFiles } from '../tree/due-files.ts';
import { endIdleThreads } from '../write/frame-thread.ts';
import type { OutputSpec } from '../write/pack-output.ts';
import { addHashes } from './add-hashes.ts';
import { indexSpec } from './index-spec.ts';

/**
 * Hashes of files that a stream changes in part need what it builds on: points have them as soon as
 * that is there. Each chain is gone through once, from its full stream on, for all of its points.
 * What cannot be read, or opened with these keys, stays as it is: every point can be restored
 * without.
 */
export async function fillHashes(
  archive: Archive,
  keysOf: () => Promise<KeyRing>,
  context: VerbContext,
): Promise<void> {
  const listed = new ArchiveReader(archive, new KeyRing([]));
  const due = listed.all
    .filter((ref) => ref.point.unhashed !== undefined && hasAll(listed, ref))
    .map((ref) => ({ ref, chain: listed.chainOf(ref).map(({ point }) => point) }))
    .sort((a, b) => b.chain.length - a.chain.length);
  if (due.length === 0) return;
  await endIdleThreads();
  await asFarAsItGoes(async () => {
    const keys = await keysOf();
    const passed = new Set<PointRecord>();
    for (const { ref, chain } of due) {
      if (passed.has(ref.point)) continue;
      await asFarAsItGoes(async () => {
        await fillChain(new ArchiveReader(archive, keys), ref, context);
        for (const point of chain) passed.add(point);
      });
    }
  });
}

async function fillChain(reader: ArchiveReader, tip: PointRef, context: VerbContext) {
  const { archive } = reader;
  try {
    await reader.unlock(reader.closureOf(tip));
    const outputs = new Map<PointRecord, OutputSpec>();
    for (const { source, point } of reader.chainOf(tip)) {
      if (point.unhashed === undefined) continue;
      const isSealed = point.recipients.length > 0;
      const base = baseOf(point.parts[0]!.file);
      outputs.set(point, await indexSpec(archive, source, base, isSealed));
    }
    const dueOf = ({ point }: PointRef): DueFiles | undefined =>
      outputs.has(point) ? new DueFiles() : undefined;
    const onPoint = (open: OpenTree): void => {
      const { ref, due } = open;
      if (due === undefined) return;
      const hashes = hashed(open, due, context);
      if (hashes === undefined) return;
      if (hashes.size > 0) addHashes(reader, open, hashes, outputs.get(ref.point)!);
      delete ref.point.unhashed;
      saveArchive(archive.folder, archive.manifest, [ref.point]);
    };
    openTree(reader, tip, context.cancel, { onPoint, dueOf });
  } finally {
    reader.close();
  }
}

/** Of all that have none; undefined when one of them cannot be read. */
function hashed(
  { ref, tree, resolver }: OpenTree,
  due: DueFiles,
  { cancel, progress }: VerbContext,
): FileHashes | undefined {
  const hashes = new FileHashes();
  try {
    for (const [path, inode] of due.named(tree)) {
      progress({
        ...{ step: 'index', bytes: 0, totalBytes: null, files: hashes.size, totalFiles: null },
        current: ref.point.name,
      });
      const sha256 = contentHash(path, inode, resolver, cancel);
      if (sha256 === undefined) continue;
      inode.setHash(sha256);
      hashes.add(Buffer.from(path, 'latin1'), sha256);
    }
    return hashes;
  } catch (error) {
    if (isOfArchive(error)) return undefined;
    throw error;
  }
}

/** Whether all streams that it needs are listed. */
function hasAll(reader: ArchiveReader, ref: PointRef): boolean {
  try {
    const needed = reader.closureOf(ref);
    return needed.every(({ point }) =>
      point.cloneSources.every((identity) => reader.find(identity) !== undefined),
    );
  } catch (error) {
    if (error instanceof DendroError) return false;
    throw error;
  }
}

async function asFarAsItGoes(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isOfArchive(error)) throw error;
  }
}

/** What was written is not: a full drive ends the work. */
function isOfArchive(error: unknown): boolean {
  if (!(error instanceof DendroError)) return false;
  const { kind, code } = error;
  return ['Corrupt', 'Conflict', 'Unsupported'].includes(kind) || code === 'part-unreadable';
}
