import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { openArchiveFile } from '../folder/open-file.ts';

/** Length and SHA-256 of a file. */
export function fileHash(path: string): { bytes: number; sha256: string } {
  const hash = createHash('sha256');
  const fd = openArchiveFile(path);
  const piece = Buffer.allocUnsafe(1 << 20);
  let bytes = 0;
  try {
    for (;;) {
      const count = readSync(fd, piece, 0, piece.length, null);
      if (count === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(piece.subarray(0, count));
      bytes += count;
    }
  } finally {
    closeSync(fd);
  }
}
