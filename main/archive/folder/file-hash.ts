import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { DendroError } from '../../../shared/errors.ts';
import { openArchiveFile, unreadable } from './open-file.ts';

const PIECE_BYTES = 1 << 20;

/**
 * Length and SHA-256 of a file. `onRead` is told of each piece; what it throws ends the reading.
 * @throws Corrupt 'not-a-file', Io 'part-unreadable'
 */
export function fileHash(
  path: string,
  onRead: (bytes: number) => void = () => undefined,
): { bytes: number; sha256: string } {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let fd = -1;
  let bytes = 0;
  try {
    fd = openArchiveFile(path);
    for (;;) {
      const count = readSync(fd, piece, 0, piece.length, null);
      if (count === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(piece.subarray(0, count));
      bytes += count;
      onRead(count);
    }
  } catch (error) {
    throw error instanceof DendroError ? error : unreadable(path, bytes, error);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}
