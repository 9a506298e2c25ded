import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeFile, TEMPORARY_SUFFIX } from './durable.ts';
import {
  CHECKSUMS,
  KEY_FILE,
  MANIFEST,
  README,
  RECEIPTS,
  RECORD_SUFFIX,
  RESUME_SUFFIX,
  SOURCE_FILE,
} from './names.ts';
import { isRealFolder } from './open-file.ts';

const WHOLE_NAMES = new Set([CHECKSUMS, KEY_FILE, MANIFEST, README, SOURCE_FILE]);

/**
 * Takes away what `writeDurably` left in an archive when its process was killed before the rename:
 * it would stand there for ever, and the name of its point would count as taken. Only for who has
 * the archive's lock: another may be writing just these.
 */
export function removeTemporaryFiles(folder: string): void {
  const inside = list(folder).map((name) => join(folder, name));
  for (const place of [folder, ...inside.filter((path) => isRealFolder(path))]) {
    for (const name of list(place)) if (isTemporary(name)) removeFile(join(place, name));
  }
  const receipts = join(folder, RECEIPTS);
  if (!isRealFolder(receipts)) return;
  for (const name of list(receipts)) {
    if (name.endsWith(`.json${TEMPORARY_SUFFIX}`)) removeFile(join(receipts, name));
  }
}

/** Whether `writeDurably` gave a file of an archive this name. */
export function isTemporary(name: string): boolean {
  if (!name.endsWith(TEMPORARY_SUFFIX)) return false;
  const whole = name.slice(0, -TEMPORARY_SUFFIX.length);
  return WHOLE_NAMES.has(whole) || whole.endsWith(RECORD_SUFFIX) || whole.endsWith(RESUME_SUFFIX);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
