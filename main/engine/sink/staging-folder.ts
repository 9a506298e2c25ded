import {
  deleteSubvolume,
  isReadOnlySubvolume,
  setReadOnlySubvolume,
  SUBVOLUME_TOP_INODE,
} from '../../linux/btrfs-ioctl.ts';
import { fileFlags, FS_FLAG, setFileFlags } from '../../linux/btrfs-ioctl-file.ts';
import {
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  closeFd,
  cString,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openPath,
  statAt,
} from '../../linux/files.ts';
import { checked, ERRNO, isErrno } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import type { Progress } from './command-count.ts';
import { makePrivate, namesIn, openPrivate } from './private-folder.ts';

/** In the target directory: one folder a leftover, each with `work`, checkpoints and `identity`. */
export const STAGING_NAME = '.dendro-receive';
export const WORK_NAME = Buffer.from('work');
const CHECKPOINT = /^at-(\d{1,15})-([0-9a-f]{8})$/;

/** The private folder, mode 0700 and ours; undefined when it is not there and not to be made. */
export function openStagingFolder(target: number, create: boolean): number | undefined {
  const name = cString(STAGING_NAME);
  if (create) makePrivate(target, name);
  try {
    return openPrivate(target, name);
  } catch (error) {
    if (!create && isErrno(error, ERRNO.ENOENT)) return undefined;
    throw error;
  }
}

/** The folder of one leftover in the private folder. */
export function openLeftoverFolder(
  staging: number,
  key: string,
  create: boolean,
): number | undefined {
  const name = cString(key);
  if (create) makePrivate(staging, name);
  try {
    return openPrivate(staging, name);
  } catch (error) {
    if (!create && isErrno(error, ERRNO.ENOENT)) return undefined;
    throw error;
  }
}

export interface Checkpoint extends Progress {
  readonly name: Buffer;
}

/** Read-only snapshots of the work, each named for the commands that it holds; newest first. */
export function checkpointsIn(folder: number): Checkpoint[] {
  const found: Checkpoint[] = [];
  for (const name of namesIn(folder)) {
    const match = CHECKPOINT.exec(name);
    if (match === null) continue;
    const hash = Number.parseInt(match[2]!, 16);
    found.push({ name: Buffer.from(name), commands: Number(match[1]), hash });
  }
  return found.sort((a, b) => b.commands - a.commands);
}

export function checkpointName(progress: Progress): Buffer {
  const hash = progress.hash.toString(16).padStart(8, '0');
  return Buffer.from(`at-${progress.commands}-${hash}`);
}

/** Removes the leftover with all that belongs to it. */
export function removeLeftover(staging: number, key: string): void {
  const folder = openLeftoverFolder(staging, key, false);
  if (folder === undefined) return;
  try {
    for (const name of namesIn(folder)) removeEntry(folder, Buffer.from(name));
  } finally {
    closeFd(folder);
  }
  checked(libc().unlinkat(staging, cString(key), AT_REMOVEDIR), 'remove the leftover', key);
}

export function removeEntry(folder: number, name: Buffer): void {
  if (isSubvolume(folder, name)) return destroySubvolume(folder, name);
  checked(libc().unlinkat(folder, cString(name), 0), 'remove', name);
}

/** Deletes a subvolume, also one whose top directory is immutable or append-only. */
export function destroySubvolume(dir: number, name: Buffer): void {
  try {
    deleteSubvolume(dir, name);
  } catch (error) {
    if (!isErrno(error, ERRNO.EPERM)) throw error;
    liftFlags(dir, name);
    deleteSubvolume(dir, name);
  }
}

function liftFlags(dir: number, name: Buffer): void {
  const top = openPath(cString(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, dir);
  try {
    if (isReadOnlySubvolume(top)) setReadOnlySubvolume(top, false);
    setFileFlags(top, fileFlags(top) & ~(FS_FLAG.immutable | FS_FLAG.append), name);
  } finally {
    closeFd(top);
  }
}

export function isSubvolume(dir: number, name: Uint8Array): boolean {
  return statAt(dir, cString(name), AT_SYMLINK_NOFOLLOW).inode === SUBVOLUME_TOP_INODE;
}

/** Takes the private folder away once nothing is left in it. */
export function removeStagingFolder(target: number): void {
  libc().unlinkat(target, cString(STAGING_NAME), AT_REMOVEDIR);
}
