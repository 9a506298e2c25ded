import { readdirSync, readFileSync } from 'node:fs';
import { closeFd } from '../../linux/files.ts';
import { checked } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { conflict, corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import type { FolderMemory, Memo } from './folder-memory.ts';
import { FolderMemory as Memory } from './folder-memory.ts';
import { addLine, InodeNumbers, toLine } from './folder-lines.ts';
import { openRegular } from './private-folder.ts';
import { identityJson, parseIdentity, type StreamIdentity } from './stream-identity.ts';

/** `NAME.dendro.jsonl` beside the folder `NAME`. */
export const SIDECAR_SUFFIX = '.dendro.jsonl';
/** A first line is no longer: a name, two UUIDs and a few counts. */
const FIRST_LINE_BYTES = 16 * 1024;

export interface Sidecar {
  readonly identity: StreamIdentity;
  readonly memory: FolderMemory;
}

/**
 * What the folder cannot keep, as lines of JSON: the first says whose tree it is and counts what
 * follows; each further line is one name. Bytes are hexadecimal.
 */
export function writeSidecar(
  identity: StreamIdentity,
  memory: FolderMemory,
  counts: Readonly<Record<string, number>>,
): string {
  const header = { ...(JSON.parse(identityJson(identity)) as object), kind: 'folder', counts };
  const lines = [JSON.stringify(header)];
  const inodes = new InodeNumbers();
  for (const { path, entry } of memory.walk()) {
    if (entry.real === undefined && (entry.memo === undefined || isEmpty(entry.memo))) continue;
    lines.push(JSON.stringify(toLine(path, entry, inodes)));
  }
  return `${lines.join('\n')}\n`;
}

/** The sidecar's text. @throws Conflict `no-sidecar` */
export function sidecarOf(folder: string): string {
  try {
    return readFileSync(Buffer.from(bytesFromText(folder + SIDECAR_SUFFIX)), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw conflict(
      'no-sidecar',
      say`"${{ folder: printable(folder) }}" is not a snapshot in a plain folder.`,
      {
        hint: say`Beside one lies a file named like it, ending in ${{ suffix: SIDECAR_SUFFIX }}.`,
      },
    );
  }
}

/** Reads a sidecar back. Throws Corrupt `sidecar-damaged`. */
export function readSidecar(text: string): Sidecar {
  const [first, ...lines] = text.split('\n');
  const identity = parseIdentity(first ?? '');
  if (identity === undefined) throw damaged();
  const memory = new Memory();
  const inodes = new Map<number, Memo>();
  for (const line of lines) {
    if (line === '') continue;
    try {
      addLine(memory, JSON.parse(line) as Record<string, unknown>, inodes);
    } catch {
      throw damaged();
    }
  }
  return { identity, memory };
}

/**
 * The sidecar of the tree of this UUID and transid in the open folder `target`, with the folder's
 * name. Of all others the first line is read, and of what only has such a name nothing.
 */
export function findSidecar(
  target: number,
  uuid: Uint8Array,
  ctransid: number,
): { folder: Buffer; text: string } | undefined {
  for (const name of readdirSync(`/proc/self/fd/${target}`, 'buffer')) {
    const suffix = name.subarray(-SIDECAR_SUFFIX.length).toString();
    if (suffix !== SIDECAR_SUFFIX) continue;
    const fd = openRegular(target, name);
    if (fd === undefined) continue;
    try {
      const identity = parseIdentity(firstLineOf(fd));
      if (identity?.uuid.equals(uuid) === true && identity.ctransid === ctransid) {
        return { folder: name.subarray(0, -SIDECAR_SUFFIX.length), text: readFileSync(fd, 'utf8') };
      }
    } finally {
      closeFd(fd);
    }
  }
  return undefined;
}

function firstLineOf(fd: number): string {
  const bytes = Buffer.alloc(FIRST_LINE_BYTES);
  const count = checked(libc().pread(fd, bytes, bytes.length, 0), 'read', SIDECAR_SUFFIX);
  return bytes.toString('utf8', 0, count).split('\n', 1)[0]!;
}

function isEmpty(memo: Memo): boolean {
  return Object.values(memo).every((value) => value === undefined);
}

function damaged() {
  return corrupt('sidecar-damaged', 'The file that belongs to the folder is damaged.', {
    hint: 'The files in the folder itself can still be copied out.',
  });
}
