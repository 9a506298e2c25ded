import { closeSync, ftruncateSync, readFileSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { conflict, denied, DendroError, ioError, noteOfError } from '../../../shared/errors.ts';
import { say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { knowsNoLocks, lockNow } from '../../linux/file-lock.ts';
import { ERRNO, errnoName } from '../../linux/libc-error.ts';
import { isAlive, ownIdentity } from '../../linux/process-identity.ts';
import { archiveGone } from './archive-gone.ts';
import { isFull, naming } from './durable.ts';
import { openToChangeFile } from './open-file.ts';
import { LOCK } from './names.ts';

/** The device of each archive that this thread writes to. */
const written = new Map<string, number>();

export interface ArchiveLock {
  release(): void;
}

/**
 * One writer at a time. The kernel's lock ends with the process, however it ends; the file says
 * who holds it, for people and for filesystems that know no locks.
 * @throws Conflict 'archive-in-use', Denied 'archive-read-only', Io
 */
export function lockArchive(folder: string): ArchiveLock {
  const path = join(folder, LOCK);
  const fd = opened(path);
  try {
    takeLock(folder, fd, path);
    written.set(folder, statSync(folder).dev);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    release() {
      written.delete(folder);
      try {
        ftruncateSync(fd, 0);
      } catch {
        // Of a drive that went away something else is told: what could not be done for it.
      } finally {
        closeSync(fd);
      }
    },
  };
}

/**
 * Where a drive was unmounted whatever is written by its name comes to lie on another one, below
 * the place where it is mounted again.
 * @throws Io 'archive-gone'
 */
export function assertStillThere(folder: string): void {
  const device = written.get(folder);
  if (device === undefined) return;
  if (statSync(folder, { throwIfNoEntry: false })?.dev !== device) throw archiveGone(folder);
}

function takeLock(folder: string, fd: number, path: string): void {
  const holder = readHolder(path);
  const errno = lockNow(fd);
  const isUnknown = knowsNoLocks(errno);
  if (errno === ERRNO.EWOULDBLOCK || (isUnknown && isHeld(holder))) throw inUse(folder, holder);
  if (errno !== 0 && !isUnknown) throw failed(path, errnoName(errno));
  try {
    naming(path, () => writeHolder(fd));
  } catch (error) {
    // Whoever wants to make room on a full drive needs none for this: the kernel's lock is enough.
    if (isUnknown || !isFull(error)) throw error;
  }
}

interface Holder {
  readonly host: string;
  readonly process: string;
}

function opened(path: string): number {
  try {
    return openToChangeFile(path, 0o644);
  } catch (cause) {
    if (cause instanceof DendroError) throw cause;
    assertWritable(path, cause);
    const { code } = cause as NodeJS.ErrnoException;
    throw failed(path, code ?? noteOfError(cause), cause);
  }
}

/** @param cause what went wrong at this path. @throws Denied when nobody may write there */
export function assertWritable(path: string, cause: unknown): void {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'EROFS' && code !== 'EACCES' && code !== 'EPERM') return;
  throw denied(
    'archive-read-only',
    'The archive cannot be written to: its drive is read-only, or not yours.',
    {
      hint: 'Look and restore work all the same; to change it, mount the drive writable.',
      place: { path: printable(path) },
      cause,
    },
  );
}

function failed(path: string, why: string | Note, cause?: unknown): DendroError {
  return ioError('archive-lock', say`The archive could not be locked: ${{ why }}.`, {
    hint: 'Check the drive.',
    place: { path: printable(path) },
    cause,
  });
}

function readHolder(path: string): Holder | undefined {
  try {
    const { host, process } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    return typeof host === 'string' && typeof process === 'string' ? { host, process } : undefined;
  } catch {
    return undefined;
  }
}

function writeHolder(fd: number): void {
  const holder: Holder = { host: hostname(), process: ownIdentity() };
  ftruncateSync(fd, 0);
  writeSync(fd, `${JSON.stringify(holder)}\n`, 0);
}

/** Where the kernel cannot say: a process of this computer that is gone holds nothing. */
function isHeld(holder: Holder | undefined): boolean {
  return holder !== undefined && (holder.host !== hostname() || isAlive(holder.process));
}

function inUse(folder: string, holder: Holder | undefined): DendroError {
  const pid = holder?.process.split(' ')[1];
  const who = holder === undefined ? '' : ` (process ${pid} on ${printable(holder.host)})`;
  return conflict('archive-in-use', say`Another Dendro is writing to this archive${{ who }}.`, {
    hint: say`Wait until it is done. If nothing runs, delete ${{ lock: LOCK }} in the archive.`,
    place: { path: printable(folder) },
  });
}
