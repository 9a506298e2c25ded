import { DendroError } from '../../../shared/errors.ts';
import type { VerbContext } from '../../engine/context.ts';
import type { WritableArchive } from '../export/prepare.ts';
import { openKeys, type Secrets } from '../folder/keys.ts';
import { KeyRing } from '../format/age-header.ts';
import { ArchiveReader, type PointRef } from '../read/reader.ts';
import { rebuildPoint } from './rebuild-point.ts';

/**
 * Points that came before what they build on have no hashes of files that they change in part.
 * Where the chain is whole by now they get them. What cannot be read, or opened with these
 * secrets, stays as it is: every point can be restored without.
 */
export async function fillHashes(
  archive: WritableArchive,
  secrets: Secrets,
  nowMs: number,
  context: VerbContext,
): Promise<void> {
  const listed = new ArchiveReader(archive, new KeyRing([]));
  const due = listed.all.filter((ref) => ref.point.unhashed !== undefined && hasAll(listed, ref));
  if (due.length === 0) return;
  await asFarAsItGoes(async () => {
    const keys = await openKeys(archive.folder, archive.manifest, secrets);
    const reader = new ArchiveReader(archive, keys);
    try {
      for (const ref of due) {
        await asFarAsItGoes(async () => {
          await reader.unlock(reader.closureOf(ref));
          await rebuildPoint(reader, ref, { isStray: false, nowMs }, context);
        });
      }
    } finally {
      reader.close();
    }
  });
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
    const isOfArchive =
      error instanceof DendroError && (error.kind === 'Corrupt' || error.kind === 'Conflict');
    if (!isOfArchive) throw error;
  }
}
