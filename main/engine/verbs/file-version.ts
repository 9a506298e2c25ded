import { createHash } from 'node:crypto';
import { DendroError } from '../../../shared/errors.ts';
import type { FileVersion } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../context.ts';
import { fileExtents, type Found } from '../tree/index.ts';
import { requireInode, timeMs } from './entries.ts';
import type { EntryInput } from './list-directory.ts';
import { lookupEntry } from './preview-file.ts';

export type VersionFacts = Pick<FileVersion, 'exists' | 'sizeBytes' | 'modifiedAtMs'> & {
  /** The same for two versions of the same content, without reading it. */
  readonly content: string;
};

/** How a path looks in one snapshot; that it is not there is an answer too. */
export function fileVersion(input: EntryInput, { cancel }: VerbContext): VersionFacts {
  const found = tryLookup(input, cancel);
  if (!found) return { exists: false, sizeBytes: 0, modifiedAtMs: 0, content: 'none' };
  const inode = requireInode(found.subvolume, found.inode);
  return {
    exists: true,
    sizeBytes: inode.size,
    modifiedAtMs: timeMs(inode.mtime),
    content: contentMark(found, inode.size, `${inode.mtime.seconds}.${inode.mtime.nanoseconds}`),
  };
}

/**
 * Size and modification time, and the layout of the extents where both copies come from one
 * volume: a copy on another drive has its own addresses, so those are left out.
 */
function contentMark({ subvolume, inode }: Found, size: number, modified: string): string {
  const hash = createHash('sha256').update(`${size} ${modified}`);
  for (const extent of fileExtents(subvolume, inode)) {
    if (extent.isZeros) hash.update(`hole ${extent.fileOffset} ${extent.length}`);
  }
  return hash.digest('base64url');
}

const NOT_THERE = new Set(['path-not-found', 'subvolume-not-in-snapshot']);

function tryLookup(input: EntryInput, cancel: VerbContext['cancel']): Found | undefined {
  try {
    return lookupEntry(input, cancel);
  } catch (error) {
    if (error instanceof DendroError && NOT_THERE.has(error.code)) return undefined;
    throw error;
  }
}
