import { corrupt, DendroError, noteOfError } from '../../../shared/errors.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { MAX_HASHED_HOLES } from '../index/hash-limit.ts';
import type { OpenTree } from '../read/open-tree.ts';
import { proven } from '../tree/proof.ts';
import { holesOf, readContent } from '../tree/read-content.ts';
import { shown } from '../tree/tree.ts';
import { noted, type Note } from '../../../shared/said.ts';

const MAX_WRONG = 100;

export interface HashedTree {
  /** Compared with their hash. */
  readonly files: number;
  /** With content, but without a hash to compare it with. */
  readonly unhashed: number;
  readonly wrong: readonly { readonly path: string; readonly message: Note }[];
}

/** Reads every file that changed since it was last looked at, and compares its recorded hash. */
export function hashTree({ tree, resolver }: OpenTree, cancel: CancelToken): HashedTree {
  const wrong: { path: string; message: Note }[] = [];
  let files = 0;
  let unhashed = 0;
  for (const { path, inode } of tree.walk()) {
    if (inode.kind !== 'file' || inode.isSeen) continue;
    inode.isSeen = true;
    const { version, sha256 } = inode;
    if (sha256 === undefined && version.size > 0) unhashed += 1;
    if (sha256 === undefined || wrong.length >= MAX_WRONG) continue;
    files += 1;
    try {
      if (holesOf(version, resolver) > MAX_HASHED_HOLES) throw impossibleHash();
      const recorded = { path, size: version.size, sha256 };
      const chunks = proven(readContent(version, resolver), recorded);
      while (chunks.next().done !== true) cancel.check();
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind === 'Cancelled') throw error;
      wrong.push({ path: shown(path), message: messageOf(error) });
    }
  }
  return { files, unhashed, wrong };
}

function messageOf(error: DendroError): Note {
  if (error.code !== 'content-hash') return noteOfError(error);
  return noted('content-not-recorded', 'its content is not what was recorded');
}

function impossibleHash(): DendroError {
  return corrupt('index-mismatch', 'its index gives a hash to a file that is one large hole', {
    hint: 'Make the index again: dendro archive rebuild-index',
  });
}
