import { readdirSync, readFileSync } from 'node:fs';
import { corrupt } from '../../../shared/errors.ts';
import type { Entry, FolderMemory, Memo } from './folder-memory.ts';
import { FolderMemory as Memory } from './folder-memory.ts';
import { identityJson, parseIdentity, type StreamIdentity } from './stream-identity.ts';

/** `NAME.dendro.jsonl` beside the folder `NAME`. */
export const SIDECAR_SUFFIX = '.dendro.jsonl';

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
  const inodes = new Map<Memo, number>();
  for (const { path, entry } of memory.walk()) {
    if (entry.real === undefined && (entry.memo === undefined || isEmpty(entry.memo))) continue;
    lines.push(JSON.stringify({ path: path.toString('hex'), ...toJson(entry, inodes) }));
  }
  return `${lines.join('\n')}\n`;
}

/** Reads a sidecar back. Throws Corrupt `sidecar-damaged`. */
export function readSidecar(text: string): { identity: StreamIdentity; memory: FolderMemory } {
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

function toJson({ real, memo }: Entry, inodes: Map<Memo, number>): object {
  const out: Record<string, unknown> = { real: real?.toString('hex') };
  if (memo === undefined) return out;
  if (!inodes.has(memo)) inodes.set(memo, inodes.size);
  const { mode, uid, gid, times, flags, xattrs, absent, isCopied } = memo;
  Object.assign(out, { inode: inodes.get(memo), mode, uid, gid, flags, isCopied });
  out['times'] = times?.toString('hex');
  if (xattrs !== undefined) {
    out['xattrs'] = [...xattrs].map(([name, value]) => [
      Buffer.from(name, 'latin1').toString('hex'),
      value.toString('hex'),
    ]);
  }
  if (absent?.kind === 'symlink') out['target'] = absent.target.toString('hex');
  if (absent?.kind === 'node') out['node'] = [absent.mode, absent.rdev];
  return out;
}

function addLine(
  memory: FolderMemory,
  line: Record<string, unknown>,
  inodes: Map<number, Memo>,
): void {
  const path = Buffer.from(String(line['path']), 'hex');
  const entry = memory.entry(path);
  if (typeof line['real'] === 'string') {
    entry.real = Buffer.from(line['real'], 'hex');
    memory.hasRealNames = true;
  }
  if (typeof line['inode'] !== 'number') return;
  const known = inodes.get(line['inode']);
  entry.memo = known ?? toMemo(line);
  inodes.set(line['inode'], entry.memo);
}

function toMemo(line: Record<string, unknown>): Memo {
  const number = (key: string): number | undefined =>
    typeof line[key] === 'number' ? line[key] : undefined;
  const memo: Memo = { mode: number('mode'), uid: number('uid'), gid: number('gid') };
  memo.flags = number('flags');
  if (typeof line['times'] === 'string') memo.times = Buffer.from(line['times'], 'hex');
  if (line['isCopied'] === true) memo.isCopied = true;
  const pairs = line['xattrs'] as [string, string][] | undefined;
  if (pairs !== undefined) {
    memo.xattrs = new Map(
      pairs.map(([name, value]) => [
        Buffer.from(name, 'hex').toString('latin1'),
        Buffer.from(value, 'hex'),
      ]),
    );
  }
  if (typeof line['target'] === 'string') {
    memo.absent = { kind: 'symlink', target: Buffer.from(line['target'], 'hex') };
  }
  const node = line['node'] as [number, number] | undefined;
  if (node !== undefined) memo.absent = { kind: 'node', mode: node[0], rdev: node[1] };
  return memo;
}

function damaged() {
  return corrupt('sidecar-damaged', 'The file that belongs to the folder is damaged.', {
    hint: 'The files in the folder itself can still be copied out.',
  });
}
