import { readdirSync, readFileSync } from 'node:fs';
import { denied } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
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
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  openPath,
  statAt,
  statFd,
  writeAllAt,
} from '../../linux/files.ts';
import { checked, ERRNO, isErrno, pathText, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { removeXattr } from '../../linux/xattr.ts';
import type { Progress } from './command-count.ts';

/** In the target directory: one folder a leftover, each with `work`, checkpoints and `identity`. */
export const STAGING_NAME = '.dendro-receive';
export const WORK_NAME = Buffer.from('work');
const CHECKPOINT = /^at-(\d{1,15})-([0-9a-f]{8})$/;
const INHERITED = ['system.posix_acl_access\0', 'system.posix_acl_default\0'];

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

/** A folder of ours in a target, for its owner only; made when it is not there. */
export function openPrivateFolder(dir: number, text: string): number {
  const name = cString(text);
  makePrivate(dir, name);
  return openPrivate(dir, name);
}

function makePrivate(dir: number, name: Buffer): void {
  if (libc().mkdirat(dir, name, 0o700) < 0 && lastErrno() !== ERRNO.EEXIST) {
    throwErrno(lastErrno(), 'create the folder', name);
  }
}

/** Nobody else may have planted it, and nobody else may look in. */
function openPrivate(dir: number, name: Buffer): number {
  const fd = openPath(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, dir);
  const { uid } = statFd(fd);
  if (uid !== process.geteuid?.()) {
    closeFd(fd);
    throw denied(
      'staging-not-ours',
      say`The folder "${{ name: pathText(name) }}" belongs to somebody else.`,
      {
        hint: 'Look who made it, remove it, and run it again.',
      },
    );
  }
  checked(libc().fchmod(fd, 0o700), 'make private the folder', name);
  for (const attribute of INHERITED) dropAttribute(fd, attribute);
  return fd;
}

function dropAttribute(fd: number, name: string): void {
  try {
    removeXattr(fd, Buffer.from(name));
  } catch (error) {
    if (!isErrno(error, ERRNO.EOPNOTSUPP)) throw error;
  }
}

export function namesIn(fd: number): string[] {
  return readdirSync(`/proc/self/fd/${fd}`);
}

export function readText(fd: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/self/fd/${fd}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Writes a small file of ours; `append` adds to what is there. */
export function writeText(folder: number, name: string, text: string, append = false): void {
  const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | (append ? O_APPEND : O_TRUNC);
  const fd = openPath(cString(name), flags, 0o600, folder);
  try {
    writeAllAt(fd, Buffer.from(text), 0, Buffer.from(name));
  } finally {
    closeFd(fd);
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
