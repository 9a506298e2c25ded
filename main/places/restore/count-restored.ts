import type { BigIntStats } from 'node:fs';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { walkDown } from '../../engine/restore/walk-down.ts';

/** The inode that stands where a nested subvolume was, in a snapshot. */
const NESTED = 2n;

export interface RestoredCount {
  /** All but folders, by each name. */
  files: number;
  /** As the sizes of the files say; of an inode with several names once. */
  bytes: number;
}

/**
 * What stands below paths that a restore has made. It counts itself as it copies, but for what an
 * earlier run of it has made whole.
 * @param paths absolute
 */
export function countRestored(paths: readonly string[]): RestoredCount {
  const total = { files: 0, bytes: 0 };
  const seen = new Set<string>();
  const isEntered = ({ ino }: BigIntStats): boolean => ino !== NESTED;
  for (const path of paths) {
    for (const { status } of walkDown(bytesFromText(path), isEntered)) {
      if (status.isDirectory()) continue;
      total.files += 1;
      if (status.isFile() && isFirstName(status, seen)) total.bytes += Number(status.size);
    }
  }
  return total;
}

function isFirstName(status: BigIntStats, seen: Set<string>): boolean {
  if (status.nlink <= 1n) return true;
  const key = `${status.dev} ${status.ino}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
