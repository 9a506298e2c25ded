import { readdirSync, readFileSync } from 'node:fs';
import { denied } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import {
  closeFd,
  cString,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  openPath,
  S_IFMT,
  S_IFREG,
  statFd,
  writeAllAt,
} from '../../linux/files.ts';
import { checked, ERRNO, isErrno, pathText, throwErrno, typedFs } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { removeXattr } from '../../linux/xattr.ts';

const NO_FILE_OF_OURS = [
  ...[ERRNO.ENOENT, ERRNO.ENOTDIR, ERRNO.ENAMETOOLONG, ERRNO.ELOOP, ERRNO.EACCES],
  // Sockets, and nodes of devices that there are none of.
  ...[ERRNO.ENXIO, ERRNO.ENODEV],
];
const INHERITED = ['system.posix_acl_access\0', 'system.posix_acl_default\0'];

/**
 * A folder of ours in a target, for its owner only; made when it is not there. Open, so that what
 * comes to its place in the target meanwhile is nothing to whoever works in it.
 * @param hasOwners false on filesystems where everything belongs to whoever mounted them
 * @throws Denied 'staging-not-ours'
 */
export function openPrivateFolder(dir: number, text: string, hasOwners = true): number {
  const name = cString(text);
  makePrivate(dir, name);
  return hasOwners ? openPrivate(dir, name) : openFolder(dir, name);
}

export function makePrivate(dir: number, name: Buffer): void {
  if (libc().mkdirat(dir, name, 0o700) < 0 && lastErrno() !== ERRNO.EEXIST) {
    throwErrno(lastErrno(), 'create the folder', name);
  }
}

/** Nobody else may have planted it, and nobody else may look in. */
export function openPrivate(dir: number, name: Buffer): number {
  const fd = openFolder(dir, name);
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
  dropInherited(fd);
  return fd;
}

/** Takes away what it would give to all that is made in it: the ACL of the folder around it. */
export function dropInherited(fd: number): void {
  for (const attribute of INHERITED) dropAttribute(fd, attribute);
}

/** A folder in `dir`, never through a link; `name` ends in a NUL. */
export function openFolder(dir: number, name: Buffer): number {
  return openPath(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, dir);
}

function dropAttribute(fd: number, name: string): void {
  try {
    removeXattr(fd, Buffer.from(name));
  } catch (error) {
    if (!isErrno(error, ERRNO.EOPNOTSUPP)) throw error;
  }
}

export function namesIn(fd: number): string[] {
  try {
    return readdirSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    throw typedFs(error);
  }
}

/**
 * Undefined when there is no such file, or something else of this name. @throws Io: what a drive
 * that fails does not give is not taken for what is not there
 */
export function readText(folder: number, name: string): string | undefined {
  const fd = openRegular(folder, Buffer.from(name));
  if (fd === undefined) return undefined;
  try {
    return readFileSync(fd, 'utf8');
  } catch (error) {
    throw typedFs(error);
  } finally {
    closeFd(fd);
  }
}

/**
 * A file, opened for reading; undefined for a link, a pipe that would be waited for, what belongs
 * to others, or nothing. @throws Io
 */
export function openRegular(folder: number, name: Uint8Array): number | undefined {
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  let fd: number;
  try {
    fd = openPath(cString(name), flags, 0, folder);
  } catch (error) {
    if (isErrno(error, ...NO_FILE_OF_OURS)) return undefined;
    throw error;
  }
  if ((statFd(fd).mode & S_IFMT) === S_IFREG) return fd;
  closeFd(fd);
  return undefined;
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
