import type { ArchiveFileVersion } from '../../../shared/model/archive.ts';
import type { VerbContext } from '../../engine/context.ts';
import type { ContentVersion, Inode } from '../tree/inode.ts';
import { openTree, type OpenTree } from '../read/open-tree.ts';
import { openReader, type ArchiveReader, type PointRef } from '../read/reader.ts';
import type { Secrets } from '../folder/keys.ts';
import { cleaned, lastName } from '../tree/tree.ts';
import { entryOf } from './entries.ts';
import { inward } from './session.ts';

export interface VersionsInput {
  readonly folder: string;
  /** Folder of the source; null: every source that has the path. */
  readonly source: string | null;
  readonly path: string;
  readonly secrets?: Secrets;
}

interface Seen {
  readonly model: Omit<ArchiveFileVersion, 'sameAsPrevious'>;
  readonly content: ContentVersion | undefined;
}

/** What a path was at each restore point, newest first; points that cannot be opened are left out. */
export async function archiveVersions(
  input: VersionsInput,
  { cancel }: VerbContext,
): Promise<ArchiveFileVersion[]> {
  const reader = await openReader(input.folder, input.secrets);
  try {
    const wanted = reader.all.filter(
      ({ source }) => input.source === null || source.folder === input.source,
    );
    await reader.unlock(
      wanted.filter((ref) => hasChain(reader, ref)).flatMap((ref) => reader.closureOf(ref)),
    );
    const path = cleaned(inward(input.path));
    const seen = new Map<string, Seen>();
    // Each chain is gone through once: from its last point it passes all the others.
    for (const ref of [...wanted].reverse()) {
      if (seen.has(ref.point.uuid) || !hasChain(reader, ref)) continue;
      const onPoint = ({ ref: at, tree }: OpenTree): void => {
        if (!seen.has(at.point.uuid)) seen.set(at.point.uuid, look(at, path, tree.find(path)));
      };
      openTree(reader, ref, cancel, { onPoint });
    }
    const inOrder = wanted.flatMap(({ point }) => seen.get(point.uuid) ?? []);
    const versions = inOrder.map((one, i): ArchiveFileVersion => ({
      ...one.model,
      sameAsPrevious: isSameContent(one, inOrder[i - 1]),
    }));
    const isAnywhere = versions.some(({ exists }) => exists);
    return isAnywhere ? versions.reverse() : [];
  } finally {
    reader.close();
  }
}

function look({ source, point }: PointRef, path: string, inode: Inode | undefined): Seen {
  return {
    model: {
      source: source.folder,
      point: point.name,
      uuid: point.uuid,
      takenAtMs: point.takenAtMs,
      exists: inode !== undefined,
      entry: inode === undefined ? null : entryOf(lastName(path), inode),
      sha256: inode?.sha256?.toString('hex') ?? null,
    },
    content: inode?.version,
  };
}

function isSameContent(one: Seen, before: Seen | undefined): boolean {
  if (before === undefined || !one.model.exists || !before.model.exists) return false;
  const [a, b] = [one.model, before.model];
  if (a.source !== b.source || a.entry?.type !== b.entry?.type) return false;
  if (a.sha256 !== null && b.sha256 !== null) return a.sha256 === b.sha256;
  return (
    one.content?.inode.key === before.content?.inode.key &&
    one.content?.count === before.content?.count
  );
}

function hasChain(reader: ArchiveReader, ref: PointRef): boolean {
  try {
    reader.chainOf(ref);
    return true;
  } catch {
    return false;
  }
}
