import { readdirSync, statSync } from 'node:fs';
import type { Progress } from './command-count.ts';
import { ASIDE_PREFIX, FolderAside, readAside } from './folder-aside.ts';
import type { StreamIdentity } from './stream-identity.ts';

const ASIDE = /^\.dendro-receive-([0-9a-f]{16})$/;

export interface FolderLeftover {
  readonly key: string;
  readonly identity: StreamIdentity;
  /** Where the same stream goes on; 0 commands: it begins anew. */
  readonly progress: Progress;
  readonly isComplete: boolean;
  readonly beganAtMs: number;
}

/** Receives into plain folders that did not come to their end. */
export function folderLeftoversIn(target: Uint8Array): FolderLeftover[] {
  const directory = Buffer.from(target).toString();
  const found: FolderLeftover[] = [];
  for (const name of readdirSync(directory)) {
    const key = ASIDE.exec(name)?.[1];
    const left = key === undefined ? undefined : readAside(directory, key);
    if (key === undefined || left === undefined) continue;
    const { birthtimeMs } = statSync(`${directory}/${ASIDE_PREFIX}${key}`);
    found.push({ key, ...left, beganAtMs: Math.floor(birthtimeMs) });
  }
  return found;
}

/**
 * Clears them: those of which all was applied are put in place, the others are removed. `keys`
 * undefined means all. @throws Conflict 'busy' for one that is running
 */
export function cleanFolderLeftovers(
  target: Uint8Array,
  keys?: readonly string[],
): FolderLeftover[] {
  const chosen = folderLeftoversIn(target).filter(({ key }) => keys?.includes(key) ?? true);
  for (const { identity } of chosen) {
    const aside = new FolderAside(Buffer.from(target).toString(), identity);
    try {
      if (aside.isComplete) aside.putInPlace();
      else aside.discard();
    } finally {
      aside.close();
    }
  }
  return chosen;
}
