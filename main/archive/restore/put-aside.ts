import { existsSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { numberedName } from '../../engine/sink/folder-names.ts';

/**
 * Gives what is at this path, if anything, a free name beside it. Streams of one chain may all
 * call their snapshot the same, and a receiver finds what they build on by its uuid.
 */
export function putAside(path: string): void {
  if (!existsSync(bytes(path))) return;
  const name = Buffer.from(bytesFromText(basename(path)));
  for (let number = 2; ; number += 1) {
    const other = join(dirname(path), textFromBytes(numberedName(name, number)));
    if (!existsSync(bytes(other))) return renameSync(bytes(path), bytes(other));
  }
}

function bytes(path: string): Buffer {
  return Buffer.from(bytesFromText(path));
}
