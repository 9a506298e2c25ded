import type { Difference } from '../../../shared/model/comparison.ts';
import type { Change } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../context.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { snapshotDifferences } from '../proof/snapshot-differences.ts';
import { openSubvolume } from '../tree/index.ts';

export interface CompareInput {
  readonly volume: VolumeInput;
  readonly fromId: number;
  readonly toId: number;
  readonly offset: number;
  readonly limit: number;
}

/**
 * What differs between two snapshots of a volume, by path. Content is compared truly: a file that
 * was written again with the same bytes is no change. Access times do not count, nor does a folder
 * whose times changed only because a name in it did. What cannot be read counts as different.
 */
export function compareSnapshots(
  input: CompareInput,
  { cancel }: VerbContext,
): { changes: Change[]; total: number; unreadable: number } {
  const volume = volumeFor(input.volume, cancel);
  const [before, after] = [input.fromId, input.toId].map((id) => openSubvolume(volume, id));
  let unreadable = 0;
  const found = snapshotDifferences(before!, after!, {
    check: () => cancel.check(),
    onRead: () => {},
    onUnreadable: () => {
      unreadable += 1;
    },
  });
  try {
    const changes: Change[] = [];
    let at = 0;
    for (const difference of found) {
      if (at >= input.offset + input.limit) break;
      if (at >= input.offset) changes.push(changeOf(difference));
      at += 1;
    }
    return { changes, total: found.count, unreadable };
  } finally {
    found.close();
  }
}

function changeOf({ path, type, kind, previousPath, aspects, sizeBytes }: Difference): Change {
  const shown = kind === 'moved' ? 'renamed' : kind === 'modified' ? 'changed' : kind;
  const facts = { path, type, previousPath, aspects, sizeBytes };
  return { ...facts, kind: shown === 'metadata' ? 'changed' : shown };
}
