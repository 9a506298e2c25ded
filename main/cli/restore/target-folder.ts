import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { readOnlyFolder } from '../../engine/restore/room.ts';
import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';

interface Target {
  /** An absolute path. */
  readonly folder: string;
  readonly items: readonly { readonly from: string; readonly to: string }[];
}

/**
 * Runs `work`, which restores into `folder`. Where only the folder's last name is missing it is
 * made, and goes again when the work fails with nothing in it: who wants files back has not
 * prepared a folder. More is not made, for then it is rather a drive that is not mounted.
 * @param work is told what was made, for the undo.
 * @throws Conflict 'no-target-folder', Io
 */
export async function intoFolder<T>(
  folder: string,
  work: (made: readonly string[]) => T | Promise<T>,
): Promise<T> {
  const isMade = makeWhereMissing(folder);
  try {
    return await work(isMade ? [folder] : []);
  } catch (error) {
    if (isMade) removeEmpty(folder);
    throw error;
  }
}

/** For a plan, which makes nothing: the same target, seen from the folder that does exist. */
export function asPlanned<T extends Target>(target: T): T {
  const { folder, items } = target;
  if (exists(folder) || !exists(dirname(folder))) return target;
  const below = items.map(({ from, to }) => ({ from, to: `${basename(folder)}/${to}` }));
  return { ...target, folder: dirname(folder), items: below };
}

/** The folder itself, or the one in which it would be made. */
export function standingFolder(folder: string): string {
  return exists(folder) ? folder : dirname(folder);
}

function makeWhereMissing(folder: string): boolean {
  if (exists(folder)) return false;
  if (!exists(dirname(folder))) throw noFolder(folder);
  try {
    mkdirSync(bytesOf(folder));
    return true;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EROFS'
      ? readOnlyFolder(dirname(folder))
      : error;
  }
}

function exists(path: string): boolean {
  return existsSync(bytesOf(path));
}

function bytesOf(path: string): Buffer {
  return Buffer.from(bytesFromText(path));
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(bytesOf(folder));
  } catch {
    // Something is in it, as after a restore that was broken off: that stays, to go on with.
  }
}

function noFolder(folder: string): Error {
  const above = printable(dirname(folder));
  return conflict(
    'no-target-folder',
    say`There is no folder "${{ folder: printable(folder) }}", and none above it.`,
    { hint: say`Is its drive mounted? Else make "${{ above }}" first.`, place: { path: above } },
  );
}
