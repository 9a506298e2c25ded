import { conflict } from '../../../shared/errors.ts';
import { say, type Note } from '../../../shared/said.ts';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import type { DirectoryEntry } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../../engine/context.ts';
import { compileGlob } from '../../engine/inspect/index.ts';
import { wholeContent } from '../tree/read-content.ts';
import { cleaned, lastName, lookup, shown } from '../tree/tree.ts';
import { entryOf, outward, type TakePath } from './entries.ts';
import { withNames } from './kept-names.ts';
import { inward, withPoint, type PointInput } from './session.ts';

export interface FindInput extends PointInput {
  /** A shell pattern for the last part of a path; without wildcards a part of it. */
  readonly pattern: string;
  readonly ignoreCase?: boolean;
  /** Only what lies below it. */
  readonly below?: string;
  readonly limit?: number;
}

export interface FoundInArchive {
  readonly path: string;
  readonly entry: DirectoryEntry;
}

/** Paths by their last name, in the order of the tree. */
export async function findInArchive(
  input: FindInput,
  context: VerbContext,
): Promise<FoundInArchive[]> {
  const found: FoundInArchive[] = [];
  await eachInArchive(input, context, (path, entry) => {
    found.push({ path, entry: entry() });
  });
  return found;
}

/** Longer names are no names of btrfs; a hostile archive has them all the same. */
const NAME_BYTES = 255;
const LOOK_MASK = 255;

/** The same, each as it is found: of a million of them no list is made. Returns how many. */
export function eachInArchive(
  input: FindInput,
  { cancel }: VerbContext,
  take: TakePath,
): Promise<number> {
  const glob = /[*?[]/.test(input.pattern) ? input.pattern : `*${input.pattern}*`;
  const matches = nameMatcher(glob, input.ignoreCase === true);
  const below = cleaned(inward(input.below ?? ''));
  return withNames(input, cancel, ({ tree }) => {
    let count = 0;
    let looked = 0;
    for (const { path, inode } of tree.walk(lookup(tree, below), below)) {
      if ((looked++ & LOOK_MASK) === 0) cancel.check();
      if (!matches(path)) continue;
      take(outward(path), () => entryOf(lastName(path), inode));
      count += 1;
      if (count >= (input.limit ?? Infinity)) break;
    }
    return count;
  });
}

/** Whether the last name of a path, a character a byte, is what was asked for. */
function nameMatcher(glob: string, ignoreCase: boolean): (path: string) => boolean {
  if (/^\*+$/.test(glob)) return () => true;
  const matches = compileGlob(bytesFromText(glob), ignoreCase);
  const ofName = Buffer.alloc(NAME_BYTES);
  return (path) => {
    const name = lastName(path);
    const isLong = name.length > NAME_BYTES;
    const bytes = isLong ? Buffer.from(name, 'latin1') : ofName;
    if (!isLong) ofName.write(name, 'latin1');
    return matches(bytes, 0, name.length);
  };
}

export interface ReadInput extends PointInput {
  readonly path: string;
}

export interface ReadSummary {
  readonly sizeBytes: number;
  /** Read from the drive, indexes included. */
  readonly bytesRead: number;
  readonly notes: readonly Note[];
}

/**
 * Gives a file's bytes in order, holes as zeros, to `write`, which may end it with false.
 * @throws Conflict 'not-a-file'
 */
export function readArchiveFile(
  input: ReadInput,
  { cancel }: VerbContext,
  write: (bytes: Uint8Array) => boolean | void,
): Promise<ReadSummary> {
  return withPoint(input, cancel, ({ reader, open: { tree, resolver } }) => {
    const path = cleaned(inward(input.path));
    const inode = lookup(tree, path);
    if (inode.kind !== 'file') {
      throw conflict('not-a-file', say`"${{ path: shown(path) }}" is not a file.`, {
        hint: 'List it: dendro archive ls',
      });
    }
    for (const bytes of wholeContent(path, inode.version, resolver)) {
      cancel.check();
      if (write(bytes) === false) break;
    }
    return { sizeBytes: inode.size, bytesRead: reader.bytesRead, notes: reader.notes };
  });
}

export interface PreviewInput extends ReadInput {
  readonly limitBytes: number;
}

/** The first bytes of a file. */
export async function previewArchiveFile(
  input: PreviewInput,
  context: VerbContext,
): Promise<{ sizeBytes: number; base64: string; truncated: boolean }> {
  const parts: Buffer[] = [];
  let left = input.limitBytes;
  const take = (bytes: Uint8Array): boolean => {
    parts.push(Buffer.from(bytes.subarray(0, left)));
    left -= Math.min(left, bytes.length);
    return left > 0;
  };
  const { sizeBytes } = await readArchiveFile(input, context, take);
  const bytes = Buffer.concat(parts);
  return { sizeBytes, base64: bytes.toString('base64'), truncated: bytes.length < sizeBytes };
}
