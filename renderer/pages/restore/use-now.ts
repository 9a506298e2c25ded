import { useMemo } from 'react';
import type { DirectoryEntry } from '../../../shared/model/entry.ts';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAsk } from '../../bridge/queries.ts';

/** Of a larger folder it is not told: each name would have to be fetched. */
const MOST = 5_000;

/** What has become of something since the chosen moment. */
export type Since = 'same' | 'changed' | 'gone';

/** Tells what a folder's entries are now; undefined where that is not known. */
export function useNow(
  source: Source,
  path: string,
  /** Entries of the folder as it was; undefined while that is not known. */
  total: number | undefined,
): ((entry: DirectoryEntry) => Since | undefined) | undefined {
  const now = useAsk(
    'directory.list',
    { volumeId: source.volumeId, subvolumeId: source.subvolumeId, path, limit: MOST },
    { enabled: source.present && total !== undefined && total <= MOST },
  );
  const { data, error } = now;
  return useMemo(() => {
    // The folder itself may be gone: then so is all that was in it.
    const isGone = error?.code === 'no-such-path' || error?.code === 'not-found';
    const isKnown = data !== undefined && data.total <= MOST && !data.problem;
    if (!isGone && !isKnown) return undefined;
    const byName = new Map((data?.entries ?? []).map((entry) => [entry.name, entry]));
    return (entry) => {
      const here = isGone ? undefined : byName.get(entry.name);
      if (here === undefined) return 'gone';
      if (entry.problem !== undefined || here.problem !== undefined) return undefined;
      return isSame(entry, here) ? 'same' : 'changed';
    };
  }, [data, error]);
}

/** As far as a listing shows: a folder is the same as long as it is there. */
function isSame(then: DirectoryEntry, now: DirectoryEntry): boolean {
  if (then.type !== now.type) return false;
  if (then.type === 'directory' || then.type === 'subvolume') return true;
  return (
    then.sizeBytes === now.sizeBytes &&
    then.modifiedAtMs === now.modifiedAtMs &&
    then.linkTarget === now.linkTarget &&
    then.mode === now.mode &&
    then.uid === now.uid &&
    then.gid === now.gid
  );
}
