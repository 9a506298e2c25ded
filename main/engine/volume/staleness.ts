import { DendroError } from '../../../shared/errors.ts';
import type { Members } from './members.ts';
import { readSuperblockAt, type Superblock } from './superblock.ts';

/** Tries of one read on a volume that is written to. */
export const MAX_TRIES = 12;

/** What a block that was reused meanwhile looks like: bad, or on a device place that is gone. */
export function isStaleness(error: unknown): boolean {
  return (
    error instanceof DendroError &&
    (error.kind === 'Corrupt' || error.kind === 'Io' || error.kind === 'Usage')
  );
}

/** The newest superblock that the devices hold now, each of which is remembered as its member's. */
export function newestSuperblock(members: Members, known: Superblock): Superblock {
  let newest = known;
  for (const member of members.all) {
    try {
      const superblock = readSuperblockAt(member.device, 0);
      if (Buffer.compare(superblock.fsid, member.superblock.fsid) !== 0) continue;
      member.superblock = superblock;
      const isOurs = Buffer.compare(superblock.fsid, newest.fsid) === 0;
      if (isOurs && superblock.generation > newest.generation) newest = superblock;
    } catch (error) {
      if (!isStaleness(error)) throw error; // this device's superblock cannot be read just now
    }
  }
  return newest;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
/** Lets a commit in progress finish before the next try. */
export function pause(tries: number): void {
  Atomics.wait(sleeper, 0, 0, Math.min(5 * 2 ** tries, 500));
}
