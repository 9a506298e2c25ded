import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../linux/files.ts';
import { FolderAside, readAside, type AsideState } from './folder-aside.ts';
import { isPosix } from './folder-target.ts';
import { namesIn } from './private-folder.ts';

const ASIDE = /^\.dendro-receive-([0-9a-f]{16})$/;

export interface FolderLeftover extends AsideState {
  readonly key: string;
}

/** Receives into plain folders that did not come to their end. */
export function folderLeftoversIn(target: Uint8Array): FolderLeftover[] {
  return within(target, leftoversAt);
}

function leftoversAt(directory: number): FolderLeftover[] {
  const keys = namesIn(directory).map((name) => ASIDE.exec(name)?.[1]);
  return keys.flatMap((key) => {
    const left = key === undefined ? undefined : readAside(directory, key);
    return key === undefined || left === undefined ? [] : [{ key, ...left }];
  });
}

/**
 * Clears them: those of which all was applied are put in place, the others are removed. `keys`
 * undefined means all. @throws Conflict 'busy' for one that is running
 */
export function cleanFolderLeftovers(
  target: Uint8Array,
  keys?: readonly string[],
): FolderLeftover[] {
  return within(target, (directory) => {
    const chosen = leftoversAt(directory).filter(({ key }) => keys?.includes(key) ?? true);
    for (const { identity } of chosen) {
      const aside = new FolderAside(directory, identity, isPosix(directory));
      try {
        if (aside.isComplete) aside.moveIntoPlace();
        aside.discard();
      } finally {
        aside.close();
      }
    }
    return chosen;
  });
}

function within<T>(target: Uint8Array, use: (directory: number) => T): T {
  const directory = openPath(cString(target), O_RDONLY | O_DIRECTORY);
  try {
    return use(directory);
  } finally {
    closeFd(directory);
  }
}
