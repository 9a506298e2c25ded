import {
  BARRING,
  fileFlagsIfAny,
  FS_FLAG,
  tryCloneRange,
  trySetBarring,
  trySetFileFlags,
} from '../../linux/btrfs-ioctl-file.ts';
import {
  closeFd,
  cString,
  O_NOFOLLOW,
  O_RDWR,
  O_RDONLY,
  O_TMPFILE,
  openBeneath,
  openPath,
  statFd,
  tryOpenBeneath,
  writeAllAt,
  type FileStatus,
} from '../../linux/files.ts';
import { checked, ERRNO, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { getXattr, setXattr } from '../../linux/xattr.ts';
import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { clearHealNote, readHealNote, writeHealNote } from './heal-journal.ts';

/** Bytes that are known to be right, and where they belong. */
export interface HealPiece {
  readonly offset: number;
  readonly bytes: Buffer;
}

const COMPRESSION = cString('btrfs.compression');

/** Why a piece was not written: somebody else has written there meanwhile. */
export type Written = 'written' | 'changed';

/**
 * Puts pieces into a file of a mounted btrfs in place of blocks that cannot be read any more. The
 * inode stays, with all names, properties and times; programs that have it open see what was
 * healed. The bytes are on the disk before the file is made to share them, range by range, so
 * that the blocks that are bad are never read or written.
 *
 * @param top the subvolume's top directory, open
 * @throws Conflict 'file-replaced', 'file-busy'; Io, Denied: what the filesystem says
 */
export function writePieces(
  top: number,
  path: string,
  inode: number,
  pieces: readonly HealPiece[],
): Written[] {
  finishEarlier(top);
  const bytes = cString(bytesFromText(path));
  const look = openBeneath(top, bytes, O_RDONLY | O_NOFOLLOW);
  try {
    const status = statFd(look);
    if (status.inode !== inode) throw replaced(path);
    const flags = fileFlagsIfAny(look) & BARRING;
    const times = timesOf(status).toString('hex');
    writeHealNote(top, { version: 1, path, inode, times, flags });
    if (flags !== 0) lift(look, path);
    try {
      const fd = openToWrite(top, bytes, path);
      try {
        return placeAll(top, fd, look, status, pieces, path);
      } finally {
        closeFd(fd);
      }
    } finally {
      setBack(look, timesOf(status), flags);
      clearHealNote(top);
    }
  } finally {
    closeFd(look);
  }
}

/** A heal that was killed: times and flags are set back. */
export function finishEarlier(top: number): void {
  const note = readHealNote(top);
  if (note === undefined) return;
  const fd = tryOpenBeneath(top, cString(bytesFromText(note.path)), O_RDONLY | O_NOFOLLOW);
  if (fd >= 0) {
    try {
      if (statFd(fd).inode === note.inode) setBack(fd, Buffer.from(note.times, 'hex'), note.flags);
    } finally {
      closeFd(fd);
    }
  }
  clearHealNote(top);
}

function placeAll(
  top: number,
  fd: number,
  look: number,
  { size }: FileStatus,
  pieces: readonly HealPiece[],
  path: string,
): Written[] {
  const source = scratchFile(top, look, size, pieces);
  try {
    const written = pieces.map(({ offset, bytes }): Written => {
      if (!mayReplace(look, offset, bytes)) return 'changed';
      // To the end of both files, where the last block is not whole.
      const isTail = offset + bytes.length >= size;
      const length = isTail ? size - offset : bytes.length;
      if (length <= 0) return 'changed';
      if (tryCloneRange(fd, offset, length, source, offset) >= 0) return 'written';
      return throwErrno(lastErrno(), 'put good blocks into', path);
    });
    checked(libc().fsync(fd), 'write to the drive', path);
    return written;
  } finally {
    closeFd(source);
  }
}

/** The good bytes at their places in an unnamed file, on the disk. */
function scratchFile(
  top: number,
  like: number,
  size: number,
  pieces: readonly HealPiece[],
): number {
  const fd = openPath(cString('.'), O_TMPFILE | O_RDWR, 0o600, top);
  try {
    // A folder may pass nodatacow on: such files and others cannot share data.
    const flags = fileFlagsIfAny(fd);
    if ((flags & FS_FLAG.noCow) !== 0) trySetFileFlags(fd, flags & ~FS_FLAG.noCow);
    const compression = getXattr(like, COMPRESSION);
    if (compression !== undefined) setXattr(fd, COMPRESSION, compression);
    for (const { offset, bytes } of pieces) writeAllAt(fd, bytes, offset);
    checked(libc().ftruncate(fd, size), 'make room for good blocks');
    checked(libc().fsync(fd), 'write good blocks to the drive');
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

/** The kernel must not be able to read the block, or must still have the right bytes of it. */
function mayReplace(fd: number, offset: number, bytes: Buffer): boolean {
  const seen = Buffer.alloc(bytes.length);
  const count = libc().pread(fd, seen, seen.length, offset);
  if (count < 0) return lastErrno() === ERRNO.EIO;
  return count === bytes.length && seen.equals(bytes);
}

function openToWrite(top: number, bytes: Buffer, path: string): number {
  const fd = tryOpenBeneath(top, bytes, O_RDWR | O_NOFOLLOW);
  if (fd >= 0) return fd;
  if (lastErrno() === ERRNO.ETXTBSY) throw busy(path);
  return throwErrno(lastErrno(), 'write to', path);
}

function lift(fd: number, path: string): void {
  if (trySetBarring(fd, 0) < 0) throwErrno(lastErrno(), 'lift the immutable flag of', path);
}

function setBack(fd: number, times: Buffer, flags: number): void {
  libc().futimens(fd, times);
  if (flags !== 0) trySetBarring(fd, flags);
}

/** Access and modification, as two timespecs. */
function timesOf({ accessed, modified }: FileStatus): Buffer {
  const out = Buffer.alloc(32);
  for (const [i, { seconds, nanoseconds }] of [accessed, modified].entries()) {
    out.writeBigInt64LE(BigInt(seconds), 16 * i);
    out.writeBigInt64LE(BigInt(nanoseconds), 16 * i + 8);
  }
  return out;
}

function replaced(path: string): Error {
  return conflict('file-replaced', say`"${{ path: printable(path) }}" is another file by now.`, {
    hint: 'Look for damage again.',
    place: { path: printable(path) },
  });
}

function busy(path: string): Error {
  return conflict('file-busy', say`"${{ path: printable(path) }}" is a program that runs.`, {
    hint: 'End it, and heal again; or restore the file in place, which gives it a new inode.',
    place: { path: printable(path) },
  });
}
