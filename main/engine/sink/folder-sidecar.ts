import { readdirSync, readFileSync } from 'node:fs';
import { conflict, corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import type { FolderMemory, Memo } from './folder-memory.ts';
import { FolderMemory as Memory } from './folder-memory.ts';
import { addLine, InodeNumbers, toLine } from './folder-lines.ts';
import { identityJson, parseIdentity, type StreamIdentity } from './stream-identity.ts';

/** `NAME.dendro.jsonl` beside the folder `NAME`. */
export const SIDECAR_SUFFIX = '.dendro.jsonl';

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

/** The sidecar of the tree of this UUID and transid in `target`, with the folder's name. */
export function findSidecar(
  target: string,
  uuid: Uint8Array,
  ctransid: number,
): { folder: Buffer; text: string } | undefined {
  for (const name of readdirSync(target, 'buffer')) {
    const suffix = name.subarray(-SIDECAR_SUFFIX.length).toString();
    if (suffix !== SIDECAR_SUFFIX) continue;
    const text = readFileSync(Buffer.concat([Buffer.from(`${target}/`), name]), 'utf8');
    const identity = parseIdentity(text.split('\n', 1)[0]!);
    if (identity === undefined) continue;
    if (identity.uuid.equals(uuid) && identity.ctransid === ctransid) {
      return { folder: name.subarray(0, -SIDECAR_SUFFIX.length), text };
    }
  }
  return undefined;
}

function isEmpty(memo: Memo): boolean {
  return Object.values(memo).every((value) => value === undefined);
}

function damaged() {
  return corrupt('sidecar-damaged', 'The file that belongs to the folder is damaged.', {
    hint: 'The files in the folder itself can still be copied out.',
  });
}
