import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { lockUnlessTaken } from './file-lock.ts';

export interface OwnerLock {
  release(): void;
}

/**
 * Takes a lock file that one process at a time can hold, until it ends. `text` says who holds it.
 * Returns what the holder wrote when it is taken.
 */
export function takeLock(path: string, text: string): OwnerLock | { readonly heldBy: string } {
  const fd = openSync(path, 'a+', 0o600);
  if (!lockUnlessTaken(fd)) {
    closeSync(fd);
    return { heldBy: readFileSync(path, 'utf8').trim() };
  }
  ftruncateSync(fd, 0);
  writeSync(fd, `${text}\n`);
  return { release: () => closeSync(fd) };
}
