import { DendroError } from '../../../shared/errors.ts';
import type { Device } from '../device/index.ts';
import { readSuperblockAt, type Superblock } from '../volume/superblock.ts';
import { noted, say, type Note } from '../../../shared/said.ts';

/** One way into a filesystem: a superblock, or one of the older roots that it remembers. */
export interface Candidate {
  readonly superblock: Superblock;
  /** For the report. */
  readonly name: Note;
}

/**
 * Every way in that the superblock copies of a device offer: first each copy's own root,
 * newest first, then the backup roots, newest first; each root once.
 */
export function candidatesOf(device: Device): Candidate[] {
  const copies = [0, 1, 2].flatMap((copy) => readCopy(device, copy));
  const own = copies.map((superblock) => ({
    superblock,
    name:
      superblock.copy === 0
        ? noted('way-superblock', 'the superblock')
        : noted('way-superblock-copy', say`superblock copy ${{ copy: superblock.copy }}`),
  }));
  const all = [...own, ...copies.flatMap(backupsOf)];
  all.sort((a, b) => b.superblock.generation - a.superblock.generation);
  const seen = new Set<string>();
  return all.filter(({ superblock }) => {
    const key = `${superblock.root} ${superblock.generation} ${superblock.chunkRoot}`;
    return !seen.has(key) && seen.add(key);
  });
}

function readCopy(device: Device, copy: number): Superblock[] {
  try {
    return [readSuperblockAt(device, copy)];
  } catch (error) {
    if (error instanceof DendroError && error.kind !== 'Bug') return [];
    throw error;
  }
}

function backupsOf(superblock: Superblock): Candidate[] {
  return superblock.backupRoots
    .filter(({ treeRoot, treeRootLevel, chunkRootLevel }) => {
      return treeRoot > 0 && treeRootLevel < 8 && chunkRootLevel < 8;
    })
    .map((backup) => ({
      name: noted(
        'way-backup-root',
        say`the backup root of generation ${{ generation: backup.treeRootGeneration }}`,
      ),
      superblock: {
        ...superblock,
        root: backup.treeRoot,
        rootLevel: backup.treeRootLevel,
        generation: backup.treeRootGeneration,
        chunkRoot: backup.chunkRoot,
        chunkRootLevel: backup.chunkRootLevel,
        chunkRootGeneration: backup.chunkRootGeneration,
      },
    }));
}
