import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { corrupt, ioError, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';

/** More than a manifest of 100,000 points has. */
const MAX_SMALL_BYTES = 256 << 20;

/**
 * Opens a file of an archive to read it. A drive may come from anywhere: a link would lead out of
 * the folder, a FIFO would never answer.
 * @throws Corrupt 'not-a-file', and what openSync throws
 */
export function openArchiveFile(path: string): number {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  return checked(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
}

/** Opens one to write into it; a new one has this mode. @throws as `openArchiveFile` */
export function openToChangeFile(path: string, mode: number): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  return checked(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode);
}

/** A small file whole; undefined when it is not there. @throws Corrupt, Io 'part-unreadable' */
export function readSmallFile(path: string): Buffer | undefined {
  try {
    const fd = openArchiveFile(path);
    try {
      if (fstatSync(fd).size > MAX_SMALL_BYTES) throw noFile(path);
      return readFileSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'not-a-file') throw error;
    throw unreadable(path, 0, error);
  }
}

/** Whether it is a folder itself, and no link to one. */
export function isRealFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function checked(path: string, flags: number, mode: number): number {
  let fd: number;
  try {
    fd = openSync(path, flags, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ELOOP' || code === 'ENXIO' ? noFile(path, error) : error;
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw noFile(path);
}

function noFile(path: string, cause?: unknown): DendroError {
  return corrupt(
    'not-a-file',
    say`"${{ path: printable(path) }}" is not such a file as archives have.`,
    {
      hint: 'Links and special files are not followed; put the file itself there.',
      place: { path: printable(path) },
      cause,
    },
  );
}

/** Io 'part-unreadable': a file of an archive, from `offset` on. */
export function unreadable(path: string, offset: number, cause: unknown): DendroError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'failed';
  return ioError(
    'part-unreadable',
    say`Could not read "${{ path: printable(path) }}": ${{ code }}.`,
    {
      hint: 'Check the drive and its cable; what does not stand there stays readable.',
      place: { path: printable(path), offset },
      cause,
    },
  );
}
