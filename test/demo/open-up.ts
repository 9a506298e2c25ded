import * as fs from 'node:fs';
import { bytes, joinPath, showPath } from '../harness/syscalls.ts';

export interface OpenedUp {
  /** Modes as they were, by escaped path below the top. */
  readonly modes: ReadonlyMap<string, number>;
  /** Puts them back. */
  close(): void;
}

/**
 * Lets their owner, who is not root, read what a backup holds with modes that forbid it. Times
 * of modification stay as they are.
 */
export function openUp(top: string): OpenedUp {
  const modes = new Map<string, number>();
  const changed: { path: Buffer; mode: number }[] = [];
  const visit = (path: Buffer, shown: string): void => {
    const stat = fs.lstatSync(path);
    const needed = stat.isDirectory() ? 0o700 : 0o400;
    if (stat.isSymbolicLink()) return;
    if ((stat.mode & needed) !== needed) {
      changed.push({ path, mode: stat.mode & 0o7777 });
      modes.set(shown, stat.mode & 0o7777);
      fs.chmodSync(path, stat.mode | needed);
    }
    if (!stat.isDirectory()) return;
    for (const name of fs.readdirSync(path, { encoding: 'buffer' })) {
      visit(joinPath(path, name), shown === '' ? showPath(name) : `${shown}/${showPath(name)}`);
    }
  };
  visit(bytes(top), '');
  return {
    modes,
    close: () => {
      for (const { path, mode } of changed.reverse()) fs.chmodSync(path, mode);
    },
  };
}
