import { readdirSync, readFileSync } from 'node:fs';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { conflict, corrupt } from '../../../shared/errors.ts';
import { allRootFacts } from '../../linux/btrfs-ioctl-search.ts';
import {
  closeFd,
  cString,
  O_CREAT,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  openPath,
  syncFilesystem,
  writeAllAt,
} from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { zstdFrameLength } from '../format/decompress.ts';
import { HashBook } from './hash-book.ts';
import { openPrivateFolder } from '../sink/private-folder.ts';
import type { StreamIdentity } from '../sink/stream-identity.ts';

/** Beside the snapshots of a target: `UUID-CTRANSID.jsonl.zst` for each, by what it is of. */
export const RECORDS_NAME = '.dendro-records';
const FRAME_CHARACTERS = 1 << 20;
const MAX_FRAME_BYTES = 16 << 20;
const FAST = { [constants.ZSTD_c_compressionLevel]: 3 };
const NAME = /^([0-9a-f]{32})-(\d+)\.jsonl\.zst$/;

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
  withFolder(target, (folder) => {
    const records = openPrivateFolder(folder, RECORDS_NAME);
    try {
      const { parentUuid, parentCtransid = 0 } = identity;
      const parent = parentUuid && readKept(records, fileOf(parentUuid, parentCtransid));
      const whole = parent ? packRecord(completed(packed, parent)) : packed;
      writeWhole(records, fileOf(identity.uuid, identity.ctransid), whole);
      removeOrphans(folder, records);
    } finally {
      closeFd(records);
    }
    syncFilesystem(folder);
  });
}

/** The record that is kept of what was received as `uuid` of state `stransid`. @throws Conflict */
export function keptRecord(target: Uint8Array, uuid: Uint8Array, stransid: number): Buffer {
  return withFolder(target, (folder) => {
    const path = `/proc/self/fd/${folder}/${RECORDS_NAME}/${fileOf(uuid, stransid)}`;
    try {
      return readFileSync(path);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cause;
      throw conflict('record-missing', 'No record of this snapshot was kept with it.', {
        hint: 'Compare it with its source: dendro verify --against',
      });
    }
  });
}

/** Lines whose hash is open, filled from the lines of the parent with the same inode number. */
function* completed(packed: Uint8Array, parent: Buffer): Generator<string> {
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

function removeOrphans(folder: number, records: number): void {
  const there = new Set<string>();
  for (const { receivedUuid, stransid } of allRootFacts(folder)) {
    there.add(fileOf(receivedUuid, stransid));
  }
  for (const name of readdirSync(`/proc/self/fd/${records}`)) {
    if (NAME.test(name) && !there.has(name)) libc().unlinkat(records, cString(name), 0);
  }
}

function writeWhole(records: number, name: string, bytes: Uint8Array): void {
  const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
  const fd = openPath(cString('new'), flags, 0o600, records);
  try {
    writeAllAt(fd, bytes, 0, Buffer.from(name));
    checked(libc().fsync(fd), 'write to the drive', name);
  } finally {
    closeFd(fd);
  }
  const moved = libc().renameat2(records, cString('new'), records, cString(name), 0);
  checked(moved, 'move into place', name);
}

function readKept(records: number, name: string): Buffer | undefined {
  try {
    return readFileSync(`/proc/self/fd/${records}/${name}`);
  } catch {
    return undefined;
  }
}

function fileOf(uuid: Uint8Array, ctransid: number): string {
  return `${Buffer.from(uuid).toString('hex')}-${ctransid}.jsonl.zst`;
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
