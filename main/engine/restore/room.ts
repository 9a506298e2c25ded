import { ioError } from '../../../shared/errors.ts';
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
  if (filesystemOf(root).isReadOnly) {
    throw ioError(
      'read-only',
      say`"${{ path: printable(folder) }}" is on a filesystem that is read-only.`,
      {
        hint: 'Mount it read-write, or choose another folder.',
        place,
      },
    );
  }
  if (room.fits) return;
  throw ioError(
    'target-full',
    say`The restore needs ${{ neededBytes: room.neededBytes }} bytes and ${{ freeBytes: room.freeBytes }} are free in "${{ folder: printable(folder) }}".`,
    { hint: 'Free some space, choose fewer files or another folder. Nothing was written.', place },
  );
}

function isMountedCompressed(root: number): boolean {
  return mountOf(root)?.options.some((option) => option.startsWith('compress')) === true;
}
