import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DendroError } from '../../shared/errors.ts';
import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import {
  compareSnapshots,
  compareWithFolder,
  type Proof,
} from '../engine/proof/compare-snapshots.ts';
import { keptRecord, unpackRecord } from '../engine/proof/kept-records.ts';
import {
  compareFolderWithRecord,
  compareWithRecord,
  recordSnapshot,
} from '../engine/proof/record.ts';
import { linesIn } from '../engine/sink/file-lines.ts';
import { SIDECAR_SUFFIX } from '../engine/sink/folder-sidecar.ts';
import { EXIT } from './exit-codes.ts';
import { printJson, printLines } from './output.ts';
import { subvolumeAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';
import { sayMissing, sayUnreadable } from './unread.ts';
import { closeFd, cString, O_RDONLY, openPath } from '../linux/files.ts';
import { writeAll } from '../linux/write-all.ts';

const STDOUT = 1;

/** Holds a received snapshot against its source, name by name. */
export function verifyAgainst(received: string, source: string, isJson: boolean): number {
  const from = subvolumeAt(placeOf(source));
  const proof = isInFolder(received)
    ? compareWithFolder(from, received)
    : compareSnapshots(from, subvolumeAt(placeOf(received)));
  return told(proof, isJson);
}

/** The same where the source is gone: against the record that was made of it. */
export function verifyRecord(received: string, file: string, isJson: boolean): number {
  const fd = openPath(cString(bytesFromText(file)), O_RDONLY);
  try {
    const lines = linesIn(fd);
    const proof = isInFolder(received)
      ? compareFolderWithRecord(lines, received)
      : compareWithRecord(lines, subvolumeAt(placeOf(received)));
    return told(proof, isJson);
  } finally {
    closeFd(fd);
  }
}

/** Received with --plain: it stands beside its sidecar, on any filesystem. */
function isInFolder(received: string): boolean {
  return existsSync(received + SIDECAR_SUFFIX);
}

/** Against the record that was kept with it in the folder that received it. */
export function verifyKept(received: string, isJson: boolean): number {
  const place = placeOf(received);
  const subvolume = subvolumeAt(place);
  const folder = dirname(place.mountedPath ?? received);
  const { receivedUuid, stransid } = subvolume.info;
  const packed = keptRecord(bytesFromText(folder), receivedUuid, stransid);
  return told(compareWithRecord(unpackRecord(packed), subvolume), isJson);
}

/**
 * Prints the record of a snapshot: a line of JSON for each name, with the SHA-256 of each file; and
 * on stderr what cannot be read of it.
 */
export function printRecord(snapshot: string): number {
  let isWhole = true;
  const telling =
    (say: (error: DendroError, path: string) => void) =>
    (path: Uint8Array, error: DendroError): void => {
      isWhole = false;
      say(error, textFromBytes(path));
    };
  const unread = {
    name: telling((error, path) => sayUnreadable(path, error)),
    names: telling(sayMissing),
  };
  for (const line of recordSnapshot(subvolumeAt(placeOf(snapshot)), {}, undefined, unread)) {
    writeAll(STDOUT, Buffer.from(line));
  }
  return isWhole ? EXIT.ok : EXIT.corrupt;
}

function told(proof: Proof, isJson: boolean): number {
  const { differences, differenceCount, names, filesByChecksums, filesByContent } = proof;
  const open = proof.filesOpen > 0 ? `, ${proof.filesOpen} not recorded` : '';
  const plain = differences.map(({ path, what }) => ({ path: textFromBytes(path), what }));
  if (isJson) printJson({ ...proof, differences: plain });
  else {
    printLines([
      ...plain.map(({ path, what }) => `differs: ${printable(path) || '/'}: ${what}`),
      ...(differenceCount > plain.length ? [`and ${differenceCount - plain.length} more`] : []),
      `${names} names compared; files: ${filesByChecksums} by checksums, ${filesByContent} by content${open}`,
    ]);
  }
  return proof.isSame ? EXIT.ok : EXIT.no;
}
