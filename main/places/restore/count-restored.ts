import type { BigIntStats } from 'node:fs';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { walkDown } from '../../engine/restore/walk-down.ts';

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
  for (const path of paths) {
    for (const { status } of walkDown(bytesFromText(path))) {
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
