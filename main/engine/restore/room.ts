import { accessSync, constants } from 'node:fs';
import { ioError, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { filesystemOf, MAGIC } from '../../linux/files.ts';
import type { TreeCount } from './count-tree.ts';
import { mountOf } from '../../linux/mount-of.ts';

/** What an inode with its names takes of metadata, rounded up. */
const INODE_BYTES = 1_024;

/** What is a hole elsewhere takes room there. */
const HOLELESS: readonly number[] = [MAGIC.exfat, MAGIC.msdos];

export interface Room {
  /** What will be written; next to nothing where extents are shared. */
  readonly neededBytes: number;
  readonly freeBytes: number;
  readonly fits: boolean;
}

/**
 * Whether the target has room for all of it.
 */
export function roomFor(
  root: number,
  { files, bytes, diskBytes }: TreeCount,
  sharesExtents: boolean,
): Room {
  const { magic, freeBytes, freeInodes } = filesystemOf(root);
  const dataBytes = HOLELESS.includes(magic) ? bytes : diskBytes;
  const neededBytes = (sharesExtents ? 0 : dataBytes) + files * INODE_BYTES;
  const hasInodes = freeInodes === null || freeInodes >= files;
  const isCompressing = magic === MAGIC.btrfs && isMountedCompressed(root);
  // What compression will make of it is not known before.
  const hasBytes = neededBytes <= freeBytes || isCompressing;
  return { neededBytes, freeBytes, fits: hasInodes && hasBytes };
}

/** @throws Io 'read-only', 'target-full' */
export function requireRoom(root: number, folder: string, room: Room): void {
  const place = { path: printable(folder) };
  if (isReadOnly(root)) throw readOnlyFolder(folder);
  if (room.fits) return;
  throw ioError(
    'target-full',
    say`The restore needs ${{ neededBytes: room.neededBytes }} bytes and ${{ freeBytes: room.freeBytes }} are free in "${{ folder: printable(folder) }}".`,
    { hint: 'Free some space, choose fewer files or another folder. Nothing was written.', place },
  );
}

/** Nothing can be made in it: the kernel does not tell the one reason from the other. */
export function readOnlyFolder(folder: string): DendroError {
  const path = printable(folder);
  const message = say`"${{ path }}" is read-only: its filesystem is mounted so, or it is in a read-only snapshot.`;
  const hint = 'Choose a folder outside of the snapshot, or mount the filesystem read-write.';
  return ioError('read-only', message, { hint, place: { path } });
}

/** Also of a folder in a read-only snapshot, whose filesystem is not. */
function isReadOnly(root: number): boolean {
  if (filesystemOf(root).isReadOnly) return true;
  try {
    accessSync(`/proc/self/fd/${root}`, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

function isMountedCompressed(root: number): boolean {
  return mountOf(root)?.options.some((option) => option.startsWith('compress')) === true;
}
