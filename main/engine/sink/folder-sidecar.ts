import { readdirSync } from 'node:fs';
import { closeFd, cString, O_NONBLOCK, O_RDONLY, openPath } from '../../linux/files.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import { conflict, corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { FolderMemory } from './folder-memory.ts';
import type { Memo } from './memo.ts';
import { linesIn } from './file-lines.ts';
import { addLine, toLine } from './folder-lines.ts';
import { openRegular } from './private-folder.ts';
import { identityJson, parseIdentity, type StreamIdentity } from './stream-identity.ts';

/** `NAME.dendro.jsonl` beside the folder `NAME`. */
export const SIDECAR_SUFFIX = '.dendro.jsonl';
/**
 * A first line is no longer: a name, two UUIDs and some hundred counts, each with the name of an
 * attribute at most, whose bytes may all be escaped.
 */
const FIRST_LINE_BYTES = 256 * 1024;
/** What "there is none" looks like. */
const NONE = [ERRNO.ENOENT, ERRNO.ENOTDIR, ERRNO.ENAMETOOLONG];

export interface Sidecar {
  readonly identity: StreamIdentity;
  readonly memory: FolderMemory;
}

/**
 * What the folder cannot keep, as lines of JSON: the first says whose tree it is and counts what
 * follows; each further line is one name. Bytes are hexadecimal.
 */
export function* sidecarLines(
  identity: StreamIdentity,
  memory: FolderMemory,
  counts: Readonly<Record<string, number>>,
): Generator<string> {
  const header = { ...(JSON.parse(identityJson(identity)) as object), kind: 'folder', counts };
  yield `${JSON.stringify(header)}\n`;
  for (const { text, entry } of memory.walk()) {
    if (entry.real === undefined && (entry.memo === undefined || isEmpty(entry.memo))) continue;
    yield `${JSON.stringify(toLine(text, entry, memory))}\n`;
  }
}

/** @throws Conflict `no-sidecar`, Corrupt `sidecar-damaged` */
export function sidecarOf(folder: string): Sidecar {
  const sidecar = sidecarBeside(bytesFromText(folder));
  if (sidecar !== undefined) return sidecar;
  throw conflict(
    'no-sidecar',
    say`"${{ folder: printable(folder) }}" is not a snapshot in a plain folder.`,
    {
      hint: say`Beside one lies a file named like it, ending in ${{ suffix: SIDECAR_SUFFIX }}.`,
    },
  );
}

/** Undefined where there is none. @throws Corrupt `sidecar-damaged` */
export function sidecarBeside(folder: Uint8Array): Sidecar | undefined {
  return withSidecar(folder, (lines) => readSidecar(lines, new FolderMemory()));
}

/** Whose tree a folder is, without reading the rest. @throws Corrupt `sidecar-damaged` */
export function identityBeside(folder: Uint8Array): StreamIdentity | undefined {
  return withSidecar(folder, (lines) => {
    const identity = firstOf(lines);
    if (identity === undefined) throw damaged();
    return identity;
  });
}

function withSidecar<T>(folder: Uint8Array, read: (lines: Iterator<string>) => T): T | undefined {
  const name = cString(Buffer.concat([folder, Buffer.from(SIDECAR_SUFFIX)]));
  let fd: number;
  try {
    fd = openPath(name, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, ...NONE)) return undefined;
    throw error;
  }
  try {
    return read(linesIn(fd));
  } finally {
    closeFd(fd);
  }
}

function readSidecar(lines: Iterator<string>, memory: FolderMemory): Sidecar {
  const identity = firstOf(lines);
  if (identity === undefined) throw damaged();
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    const line = next.value;
    if (line === '\n') continue;
    try {
      addLine(memory, JSON.parse(line) as Record<string, unknown>);
    } catch {
      throw damaged();
    }
    memory.rest();
  }
  memory.endOfLines();
  return { identity, memory };
}

/** Whose tree the folder of this name in the open folder `target` is. */
export function identityIn(target: number, folder: Buffer): StreamIdentity | undefined {
  const fd = openRegular(target, Buffer.concat([folder, Buffer.from(SIDECAR_SUFFIX)]));
  if (fd === undefined) return undefined;
  try {
    return firstOf(linesIn(fd, FIRST_LINE_BYTES));
  } finally {
    closeFd(fd);
  }
}

/**
 * The sidecar of the tree of this UUID and transid in the open folder `target`, with the folder's
 * name. Of all others the first line is read, and of what only has such a name nothing.
 */
export function findSidecar(
  target: number,
  uuid: Uint8Array,
  ctransid: number,
  newMemory: () => FolderMemory,
): { folder: Buffer; sidecar: Sidecar } | undefined {
  for (const name of readdirSync(`/proc/self/fd/${target}`, 'buffer')) {
    const suffix = name.subarray(-SIDECAR_SUFFIX.length).toString();
    if (suffix !== SIDECAR_SUFFIX) continue;
    const fd = openRegular(target, name);
    if (fd === undefined) continue;
    try {
      const identity = firstOf(linesIn(fd, FIRST_LINE_BYTES));
      if (identity?.uuid.equals(uuid) === true && identity.ctransid === ctransid) {
        const folder = name.subarray(0, -SIDECAR_SUFFIX.length);
        return { folder, sidecar: readSidecar(linesIn(fd), newMemory()) };
      }
    } finally {
      closeFd(fd);
    }
  }
  return undefined;
}

function firstOf(lines: Iterator<string>): StreamIdentity | undefined {
  const first = lines.next();
  return first.done === true ? undefined : parseIdentity(first.value);
}

function isEmpty(memo: Memo): boolean {
  return Object.entries(memo).every(([key, value]) => key === 'late' || value === undefined);
}

function damaged() {
  return corrupt('sidecar-damaged', 'The file that belongs to the folder is damaged.', {
    hint: 'The files in the folder itself can still be copied out.',
  });
}
