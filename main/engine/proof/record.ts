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

const FORMAT = 'dendro-record-1';

interface Recorded extends Described {
  /** Null: the content was not recorded. */
  readonly hash: string | null;
}

/** What is known of files' contents before any is read, as SHA-256 in hexadecimal. */
export interface KnownHashes {
  /** Undefined: the file is to be read; null: it is left open. */
  hashOf(inode: number): string | null | undefined;
}

/**
 * A snapshot's own record: a line of JSON for each name with all its properties, and SHA-256 of
 * each file. It proves a copy when the source is gone. The first line says whose it is.
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
  return holdAgainst(lines, describeSnapshot(target), hooks, ({ inode }) =>
    contentHash(target, inode),
  );
}

/** The same of a snapshot in a plain folder. */
export function compareFolderWithRecord(
  lines: Iterable<string>,
  folder: string,
  hooks: ProofHooks = {},
): Proof {
  return holdAgainst(lines, describeFolder(folder).values(), hooks, ({ hash }) => hash);
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

function* recorded(lines: Iterable<string>): Generator<Recorded> {
  let isFirst = true;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const parsed = parse(line);
    if (isFirst) {
      if (parsed['format'] !== FORMAT) throw damaged();
      isFirst = false;
      continue;
    }
    const { path, isFile, size, hash, properties } = parsed;
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
