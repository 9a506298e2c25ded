import type { Bytes } from '../stream/command-sink.ts';
import { hexOf } from './hex-of.ts';
import { isOneName } from './snapshot-name.ts';
import type { Entry, FolderMemory } from './folder-memory.ts';
import type { Memo } from './memo.ts';
import { fieldsOf, memoOf, type MemoFields } from './memo-fields.ts';

/** A further number would take more memory than the line that it stands in. */
const LARGEST_INODE = 2 ** 40;

/** What is to be remembered of one name, as JSON has it; bytes are hexadecimal. */
export function toLine(path: Bytes | string, { real, memo }: Entry, memory: FolderMemory): object {
  return {
    ...{ path: hexOf(path), real: real && hexOf(real) },
    ...(memo !== undefined && { inode: memory.inodes.of(memo), ...fieldsOf(memo) }),
  };
}

/**
 * Takes a line in; what is known of its inode already is replaced, but for the attributes where the
 * line keeps them. Throws on anything else.
 */
export function addLine(
  memory: FolderMemory,
  line: Readonly<Record<string, unknown>>,
  keepsAttributes = false,
): Entry {
  const path = Buffer.from(String(line['path']), 'hex');
  if (!isPathBelow(path)) throw new RangeError('path');
  const entry = memory.entry(path);
  delete entry.real;
  if (typeof line['real'] === 'string') {
    entry.real = Buffer.from(line['real'], 'hex');
    if (!isOneName(entry.real)) throw new RangeError('real');
    memory.hasRealNames = true;
  }
  const { inode } = line;
  if (typeof inode !== 'number') {
    delete entry.memo;
    return entry;
  }
  if (!Number.isInteger(inode) || inode < 0 || inode > LARGEST_INODE) throw new RangeError('inode');
  const memo = memory.inode(inode);
  const { changed, xattrs } = memo;
  for (const key of Object.keys(memo) as (keyof Memo)[]) delete memo[key];
  const fields: { readonly [K in keyof MemoFields]?: unknown } = line;
  entry.memo = Object.assign(memo, memoOf({ ...fields, changed, late: undefined }));
  if (keepsAttributes) memo.xattrs = xattrs;
  noteKinds(memory, memo);
  return entry;
}

/** Whoever can write to the drive can write sidecars: no name may lead out of the folder. */
function isPathBelow(path: Buffer): boolean {
  if (path.length === 0) return true;
  const names = path.toString('latin1').split('/');
  return names.every((name) => isOneName(Buffer.from(name, 'latin1')));
}

function noteKinds({ has }: FolderMemory, memo: Memo): void {
  has.large ||= memo.large !== undefined;
  has.holes ||= memo.holes !== undefined;
  has.copies ||= memo.isCopied === true;
  has.flags ||= memo.flags !== undefined;
}
