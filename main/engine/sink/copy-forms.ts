import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { Uuid } from '../../../shared/model/basics.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath, statFd } from '../../linux/files.ts';
import { namesIn, openPrivateFolder, openRegular, writeText } from './private-folder.ts';
import { formFile, formOf, openRecords, RECORDS_NAME, removeOrphans } from './record-marks.ts';
import type { StreamIdentity } from './stream-identity.ts';

const CopyForm = z.object({ snapshotUuid: Uuid, excludes: z.array(z.string()) });

/** Which snapshot a copy is of, and what of it is left out. */
export interface CopyForm {
  /** As 8-4-4-4-12 digits; a copy without some paths is received as another. */
  readonly snapshotUuid: string;
  /** Patterns of gitignore(5). */
  readonly excludes: readonly string[];
}

/** A list of patterns that is longer was not written by Dendro. */
const MOST_BYTES = 4 << 20;

/**
 * Notes beside the copies what the one that is to be put in place lacks: whoever has nothing but
 * the drive knows it by that. To be brought onto the drive by whoever calls.
 */
export function markForm(target: number, identity: StreamIdentity, form: CopyForm): void {
  const records = openPrivateFolder(target, RECORDS_NAME);
  try {
    removeOrphans(target, records);
    writeText(records, formFile(identity), JSON.stringify(form));
  } finally {
    closeFd(records);
  }
}

/**
 * What is noted in a folder of copies, by the uuid (32 digits) that each was received as.
 * The drive says so, and need not be right. Only notes of what `isWanted` are read.
 * @throws Denied and Io, as of a folder that cannot be looked into
 */
export function formsIn(
  folder: string,
  isWanted: (uuid: string) => boolean,
): ReadonlyMap<string, CopyForm> {
  const forms = new Map<string, CopyForm>();
  const target = openPath(cString(bytesFromText(folder)), O_RDONLY | O_DIRECTORY);
  try {
    const records = openRecords(target);
    if (records === undefined) return forms;
    try {
      for (const name of namesIn(records)) {
        const uuid = formOf(name);
        if (uuid === undefined || !isWanted(uuid)) continue;
        const form = readForm(records, name);
        if (form) forms.set(uuid, form);
      }
    } finally {
      closeFd(records);
    }
  } finally {
    closeFd(target);
  }
  return forms;
}

function readForm(records: number, name: string): CopyForm | undefined {
  const fd = openRegular(records, Buffer.from(name));
  if (fd === undefined) return undefined;
  try {
    if (statFd(fd).size > MOST_BYTES) return undefined;
    return CopyForm.safeParse(JSON.parse(readFileSync(fd, 'utf8'))).data;
  } catch {
    // Cut short, or of a drive that fails: the copy is listed as what it looks like.
    return undefined;
  } finally {
    closeFd(fd);
  }
}
