import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readSmallFile } from './open-file.ts';

/** Behind the name of a file until its content is on the drive. */
export const TEMPORARY_SUFFIX = '.tmp';

/** A file with this content, all of it or what was there before, also after a power cut. */
export function writeDurably(path: string, content: string | Uint8Array): void {
  const temporary = path + TEMPORARY_SUFFIX;
  // What has its name already was left by a crash, or is a link to somewhere else.
  removeFile(temporary);
  const fd = openSync(temporary, 'wx', 0o644);
  try {
    const bytes = Buffer.from(content);
    naming(temporary, () => {
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
      fsyncSync(fd);
    });
  } catch (error) {
    // What is left of it would take the room that is missing; on a drive that is gone it stays.
    if (isFull(error)) removeFile(temporary);
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** What a call meets at an open file tells which it was: the system does not. */
export function naming<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) Object.assign(error, { path });
    throw error;
  }
}

/** Whether there was no room for what was to be written, or no right to more. */
export function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Makes names that were given or taken away in it last. Not every filesystem can be asked to. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    naming(folder, () => fsyncSync(fd));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'ENOSYS' && code !== 'ENOTSUP') throw error;
  } finally {
    closeSync(fd);
  }
}

/** Undefined when it is not there. @throws Corrupt, Io */
export function readText(path: string): string | undefined {
  return readSmallFile(path)?.toString('utf8');
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** Clears away after an error, which is what is told: a drive that is gone cannot be tidied. */
export function tryToTidy(tidy: () => void): void {
  try {
    tidy();
  } catch {
    // What stays is no part of the archive, and goes with the next command that writes.
  }
}
