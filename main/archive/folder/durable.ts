import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ioError } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';

/** A file with this content, all of it or what was there before, also after a power cut. */
export function writeDurably(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.tmp`;
  const fd = openSync(temporary, 'w', 0o644);
  try {
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Makes names that were given or taken away in it last. Not every filesystem can be asked to. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'ENOSYS' && code !== 'ENOTSUP') throw error;
  } finally {
    closeSync(fd);
  }
}

/** Undefined when it is not there. @throws Io 'part-unreadable' */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'failed';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw ioError('part-unreadable', `Could not read "${printable(path)}": ${code}.`, {
      hint: 'Check the drive and its cable.',
      place: { path: printable(path) },
      cause: error,
    });
  }
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}
