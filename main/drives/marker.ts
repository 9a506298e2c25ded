import { closeSync, fstatSync, readSync } from 'node:fs';
import { z } from 'zod';
import { openTopLevel } from '../linux/private-mount.ts';
import {
  closeFd,
  cString,
  filesystemOf,
  MAGIC,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_WRONLY,
  openBeneath,
  RENAME_NOREPLACE,
  tryOpenBeneath,
  writeAllAt,
} from '../linux/files.ts';
import { checked, ERRNO, throwErrno } from '../linux/libc-error.ts';
import { lastErrno, libc } from '../linux/libc.ts';

/** The file at the top of a drive that says which of Dendro's drives it is. */
export const MARKER_NAME = '.dendro-drive.json';
const MAX_MARKER_BYTES = 4_096;
const FILE_MODE = 0o644;

export const Marker = z.object({
  dendro: z.literal('drive'),
  markerId: z.uuid(),
  /** For people who find the file. */
  name: z.string().max(1_000),
  madeAtMs: z.int(),
  about: z.string().max(1_000),
});
export type Marker = z.infer<typeof Marker>;

/**
 * Runs `use` with the top directory of the filesystem that `fd` lies on: of btrfs the top level,
 * whichever subvolume is mounted, where this process may mount.
 */
export function withTop<T>(fd: number, use: (top: number) => T): T {
  if (filesystemOf(fd).magic !== MAGIC.btrfs || process.getuid?.() !== 0) return use(fd);
  const top = openTopLevel(fd);
  try {
    return use(top);
  } finally {
    closeFd(top);
  }
}

/** Undefined when there is none, or a file of that name that is no marker. */
export function readMarker(top: number): Marker | undefined {
  const fd = tryOpenBeneath(top, cString(MARKER_NAME), O_RDONLY | O_NOFOLLOW);
  if (fd < 0) {
    if ([ERRNO.ENOENT, ERRNO.ELOOP].includes(lastErrno())) return undefined;
    throwErrno(lastErrno(), 'read the marker of the drive', MARKER_NAME);
  }
  try {
    if (!fstatSync(fd).isFile()) return undefined;
    const bytes = Buffer.alloc(MAX_MARKER_BYTES);
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    return Marker.safeParse(parsed(bytes.toString('utf8', 0, length))).data;
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes the marker under a temporary name, flushes it, and gives it its name: whole or not at
 * all. A marker that is there stays.
 *
 * @throws Conflict 'exists'; Io 'read-only', 'target-full'
 */
export function writeMarker(top: number, marker: Marker): void {
  const temporary = cString(`${MARKER_NAME}.${marker.markerId}`);
  const name = cString(MARKER_NAME);
  const fd = openBeneath(top, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
  try {
    writeAllAt(fd, Buffer.from(`${JSON.stringify(marker, undefined, 2)}\n`), 0, name);
    checked(libc().fsync(fd), 'write the marker of the drive', name);
  } finally {
    closeFd(fd);
  }
  if (libc().renameat2(top, temporary, top, name, RENAME_NOREPLACE) === 0) return;
  const errno = lastErrno();
  // vfat and FUSE filesystems may not know the flag.
  if (errno === ERRNO.EINVAL && readMarker(top) === undefined) {
    checked(libc().renameat2(top, temporary, top, name, 0), 'name the marker', name);
    return;
  }
  libc().unlinkat(top, temporary, 0);
  throwErrno(errno, 'name the marker of the drive', name);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
