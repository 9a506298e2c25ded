import { corrupt, type DendroError } from '../../../shared/errors.ts';
import type { Subvolume } from '../tree/index.ts';
import { ProofBuilder, walkBoth, type Proof, type ProofHooks } from './compare-snapshots.ts';
import { describeFolder } from './describe-folder.ts';
import {
  contentHash,
  describeSnapshot,
  passing,
  type Described,
  type OnUnread,
} from './describe-snapshot.ts';

/** The hashes are those of `ContentHash`; `WHOLE_FORMAT`: plain SHA-256 of all. */
const FORMAT = 'dendro-record-2';
const WHOLE_FORMAT = 'dendro-record-1';

interface Recorded extends Described {
  /** Null: the content was not recorded. */
  readonly hash: string | null;
}

/** What is known of files' contents before any is read, as `ContentHash` in hexadecimal. */
export interface KnownHashes {
  /** Undefined: the file is to be read; null: it is left open. */
  hashOf(inode: number): string | null | undefined;
}

/**
 * A snapshot's own record: a line of JSON for each name with all its properties, and the hash
 * of each file. It proves a copy when the source is gone. The first line says whose it is.
 * @param unread where what can be read will do: a file whose content cannot is left open.
 */
export function* recordSnapshot(
  subvolume: Subvolume,
  hooks: ProofHooks = {},
  known?: KnownHashes,
  unread?: OnUnread,
): Generator<string> {
  const { uuid, ctransid } = subvolume.info;
  yield `${JSON.stringify({ format: FORMAT, uuid: Buffer.from(uuid).toString('hex'), ctransid })}\n`;
  let names = 0;
  for (const { path, inode, isFile, size, properties } of describeSnapshot(subvolume, unread)) {
    hooks.cancel?.check();
    names += 1;
    if (names % 1000 === 0) hooks.onProgress?.(names);
    const onUnread = unread && ((error: DendroError) => unread.name(path, error));
    const read = (): string | null => hashOf(subvolume, inode, known);
    const hash = isFile && size > 0 ? (passing(read, onUnread) ?? null) : '';
    const line = { path: Buffer.from(path).toString('hex'), inode, isFile, size, hash, properties };
    yield `${JSON.stringify(line)}\n`;
  }
}

function hashOf(subvolume: Subvolume, inode: number, known?: KnownHashes): string | null {
  const hash = known?.hashOf(inode);
  return hash === undefined ? contentHash(subvolume, inode) : hash;
}

/** Holds a snapshot against a record. Throws Corrupt `record-damaged`. */
export function compareWithRecord(
  lines: Iterable<string>,
  target: Subvolume,
  hooks: ProofHooks = {},
): Proof {
  const { isWhole, rest } = opened(lines);
  return holdAgainst(rest, describeSnapshot(target), hooks, ({ inode }) =>
    contentHash(target, inode, isWhole),
  );
}

/** The same of a snapshot in a plain folder. */
export function compareFolderWithRecord(
  lines: Iterable<string>,
  folder: string,
  hooks: ProofHooks = {},
): Proof {
  const { isWhole, rest } = opened(lines);
  return holdAgainst(rest, describeFolder(folder, isWhole).values(), hooks, ({ hash }) => hash);
}

function holdAgainst<R extends Described>(
  lines: Iterable<string>,
  names: Iterator<R>,
  hooks: ProofHooks,
  hash: (file: R) => string,
): Proof {
  const proof = new ProofBuilder(hooks);
  walkBoth(recorded(lines), names, proof, (left, right) => {
    if (left.hash === null) {
      proof.filesOpen += 1;
      return true;
    }
    proof.filesByContent += 1;
    return left.hash === hash(right);
  });
  return proof.result();
}

/** Whether both records have their hashes in the same form. */
export function haveOneFormat(one: Iterable<string>, other: Iterable<string>): boolean {
  return opened(one).isWhole === opened(other).isWhole;
}

/** What the first line says of the others. @throws Corrupt `record-damaged` */
function opened(lines: Iterable<string>): { isWhole: boolean; rest: Iterable<string> } {
  const rest = lines[Symbol.iterator]();
  for (let next = rest.next(); next.done !== true; next = rest.next()) {
    if (next.value.trim() === '') continue;
    const { format } = parse(next.value);
    if (format !== FORMAT && format !== WHOLE_FORMAT) throw damaged();
    return { isWhole: format === WHOLE_FORMAT, rest: { [Symbol.iterator]: () => rest } };
  }
  throw damaged();
}

function* recorded(lines: Iterable<string>): Generator<Recorded> {
  for (const line of lines) {
    if (line.trim() === '') continue;
    const { path, isFile, size, hash, properties } = parse(line);
    if (typeof path !== 'string' || typeof size !== 'number' || !isHash(hash)) {
      throw damaged();
    }
    const known = properties as Record<string, string>;
    // Records of old name the places of nested subvolumes, which are no part of a copy.
    if (known['kind'] === 'subvolume') continue;
    yield {
      path: Buffer.from(path, 'hex'),
      inode: 0,
      isFile: isFile === true,
      size,
      hash,
      properties: known,
    };
  }
}

function isHash(value: unknown): value is string | null {
  return typeof value === 'string' || value === null;
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    throw damaged();
  }
}

function damaged() {
  return corrupt('record-damaged', 'The record of the snapshot is damaged.', {
    hint: 'Compare with the source itself, or receive it again.',
  });
}
