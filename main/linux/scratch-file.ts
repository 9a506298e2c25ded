import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { O_CREAT, O_EXCL, O_RDWR, O_TMPFILE } from './files.ts';

const PRIVATE = 0o600;
/** For what is large: /tmp often lies in memory. */
const LARGE = '/var/tmp';

/**
 * An empty file without a name, for reading and writing; closed, it is gone. It lies where TMPDIR
 * says, else in /var/tmp, else where temporary files are.
 * @throws what `openSync` does
 */
export function openScratchFile(): number {
  const { TMPDIR } = process.env;
  if (TMPDIR !== undefined && TMPDIR !== '') return unnamed(TMPDIR);
  try {
    return unnamed(LARGE);
  } catch {
    return unnamed(tmpdir());
  }
}

function unnamed(folder: string): number {
  try {
    return openSync(folder, O_TMPFILE | O_RDWR, PRIVATE);
  } catch {
    // Not every filesystem knows files without a name.
    const own = mkdtempSync(join(folder, 'dendro-'));
    try {
      return openSync(join(own, 'scratch'), O_RDWR | O_CREAT | O_EXCL, PRIVATE);
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  }
}
