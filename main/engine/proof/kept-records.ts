import { readFileSync } from 'node:fs';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { conflict, corrupt } from '../../../shared/errors.ts';
import {
  AT_SYMLINK_FOLLOW,
  closeFd,
  cString,
  O_DIRECTORY,
  O_RDONLY,
  O_TMPFILE,
  O_WRONLY,
  openPath,
  syncFilesystem,
  writeAllAt,
} from '../../linux/files.ts';
import { checked, ERRNO } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { zstdFrameLength } from '../format/decompress.ts';
import { openPrivateFolder } from '../sink/private-folder.ts';
import {
  isRecordDue,
  recordFile,
  RECORDS_NAME,
  recordsDue,
  removeOrphans,
  unmarkRecord,
  type RecordDue,
} from '../sink/record-marks.ts';
import type { StreamIdentity } from '../sink/stream-identity.ts';
import { HashBook } from './hash-book.ts';
import { haveOneFormat } from './record.ts';

const FRAME_CHARACTERS = 1 << 20;
const MAX_FRAME_BYTES = 16 << 20;
const FAST = { [constants.ZSTD_c_compressionLevel]: 3 };

/** Lines as zstd frames of about a megabyte; zstd(1) unpacks them. */
export function packRecord(lines: Iterable<string>): Buffer {
  const frames: Buffer[] = [];
  let text = '';
  const close = (): void => {
    if (text !== '') frames.push(inOneFrame(Buffer.from(text)));
    text = '';
  };
  for (const line of lines) {
    text += line;
    if (text.length >= FRAME_CHARACTERS) close();
  }
  close();
  return Buffer.concat(frames);
}

/** The lines of a packed record. @throws Corrupt 'record-damaged' */
export function* unpackRecord(packed: Uint8Array): Generator<string> {
  for (let at = 0; at < packed.length;) {
    const length = zstdFrameLength(packed.subarray(at));
    if (length <= 0) throw damaged();
    const text = unpacked(packed.subarray(at, at + length));
    // A frame of nothing is from an older version, see `inOneFrame`.
    if (text !== '') yield* text.split(/(?<=\n)/);
    at += length;
  }
}

/**
 * Stores the record of a snapshot in the folder that it was received into, on the drive when this
 * returns. What it leaves open is taken from the record of its parent, if that is here. Records of
 * snapshots that are gone are removed.
 */
export function keepRecord(
  target: Uint8Array,
  identity: Pick<StreamIdentity, 'uuid' | 'ctransid' | 'parentUuid' | 'parentCtransid'>,
  packed: Uint8Array,
): void {
  inRecords(target, (folder, records) => {
    const { parentUuid, parentCtransid: ctransid = 0 } = identity;
    const parent = parentUuid && readKept(records, recordFile({ uuid: parentUuid, ctransid }));
    const whole = parent ? packRecord(completed(packed, parent)) : packed;
    writeWhole(records, recordFile(identity), whole);
    unmarkRecord(records, identity);
    removeOrphans(folder, records);
  });
}

/** No record will come of a snapshot whose sender had said so. */
export function forgoRecord(
  target: Uint8Array,
  identity: Pick<StreamIdentity, 'uuid' | 'ctransid'>,
): void {
  inRecords(target, (_, records) => unmarkRecord(records, identity));
}

/** The snapshots in place whose record was to be stored in this folder, and is not. */
export function recordsDueIn(target: Uint8Array): RecordDue[] {
  return withFolder(target, recordsDue);
}

/**
 * The record that is kept of what was received as `uuid` of state `stransid`.
 * @throws Conflict 'record-missing', 'record-due'
 */
export function keptRecord(target: Uint8Array, uuid: Uint8Array, stransid: number): Buffer {
  const whose = { uuid, ctransid: stransid };
  return withFolder(target, (folder) => {
    try {
      return readFileSync(`/proc/self/fd/${folder}/${RECORDS_NAME}/${recordFile(whose)}`);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cause;
      if (isRecordDue(folder, whose)) throw stillDue();
      throw conflict('record-missing', 'No record of this snapshot was kept with it.', {
        hint: 'Compare it with its source: dendro verify --against',
      });
    }
  });
}

function stillDue(): Error {
  const message = 'Whoever sent this snapshot was stopped before its record was made.';
  return conflict('record-due', message, {
    hint: 'While its source is there, send it again: dendro send --to makes the record.',
  });
}

/** Lines whose hash is open, filled from the lines of the parent with the same inode number. */
function* completed(packed: Uint8Array, parent: Buffer): Generator<string> {
  if (!haveOneFormat(unpackRecord(parent), unpackRecord(packed)))
    return yield* unpackRecord(packed);
  const hashes = new HashBook();
  for (const line of unpackRecord(parent)) {
    const { inode, hash } = JSON.parse(line) as { inode?: number; hash?: string | null };
    if (inode !== undefined && hash) hashes.add(inode, Buffer.from(hash, 'hex'));
  }
  for (const line of unpackRecord(packed)) {
    const parsed = JSON.parse(line) as { inode?: number; hash?: string | null };
    const known = parsed.hash === null ? hashes.get(parsed.inode!) : undefined;
    yield known === undefined ? line : `${JSON.stringify({ ...parsed, hash: known })}\n`;
  }
}

/** Without a name until it is whole: several may store theirs at the same time. */
function writeWhole(records: number, name: string, bytes: Uint8Array): void {
  const fd = openPath(cString('.'), O_TMPFILE | O_WRONLY, 0o600, records);
  try {
    writeAllAt(fd, bytes, 0, Buffer.from(name));
    checked(libc().fsync(fd), 'write to the drive', name);
    const own = cString(`/proc/self/fd/${fd}`);
    const link = (): number => libc().linkat(-1, own, records, cString(name), AT_SYMLINK_FOLLOW);
    // One that is there is of the same state; a link takes nobody's place.
    while (link() < 0) {
      if (lastErrno() !== ERRNO.EEXIST) checked(-1, 'move into place', name);
      libc().unlinkat(records, cString(name), 0);
    }
  } finally {
    closeFd(fd);
  }
}

function readKept(records: number, name: string): Buffer | undefined {
  try {
    return readFileSync(`/proc/self/fd/${records}/${name}`);
  } catch {
    return undefined;
  }
}

/** In one chunk: Node's zlib puts a frame of nothing behind what fills its chunks exactly. */
function inOneFrame(text: Buffer): Buffer {
  return zstdCompressSync(text, {
    chunkSize: text.length + (text.length >> 7) + 1024,
    params: FAST,
  });
}

function unpacked(frame: Uint8Array): string {
  try {
    return zstdDecompressSync(frame, { maxOutputLength: MAX_FRAME_BYTES }).toString();
  } catch {
    throw damaged();
  }
}

/** With the folder of records, which is made where there is none; all on the drive at the end. */
function inRecords(target: Uint8Array, act: (folder: number, records: number) => void): void {
  withFolder(target, (folder) => {
    const records = openPrivateFolder(folder, RECORDS_NAME);
    try {
      act(folder, records);
    } finally {
      closeFd(records);
    }
    syncFilesystem(folder);
  });
}

function withFolder<T>(path: Uint8Array, use: (fd: number) => T): T {
  const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY);
  try {
    return use(fd);
  } finally {
    closeFd(fd);
  }
}

function damaged(): Error {
  return corrupt('record-damaged', 'The record of the snapshot is damaged.', {
    hint: 'Compare with the source itself, or receive it again.',
  });
}
