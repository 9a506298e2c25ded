import type { DendroError } from '../../../shared/errors.ts';
import { KEY } from '../format/constants.ts';
import type { Cursor } from '../volume/index.ts';
import { hashedEntries, indexedEntry, isEntryOf, type DirectoryEntry } from './directory-entry.ts';
import { attempt, pastBadBlocks } from './past-bad-blocks.ts';
import type { Subvolume } from './subvolume.ts';

/** The entries in the order in which they were made. @throws Corrupt, Io. */
export function* readDirectory(subvolume: Subvolume, inode: number): Generator<DirectoryEntry> {
  const cursor = subvolume.cursor().within(inode, KEY.dirIndex);
  cursor.seek(inode, KEY.dirIndex, 0);
  for (; isEntryOf(cursor, inode, KEY.dirIndex); cursor.next()) {
    yield indexedEntry(cursor);
  }
}

/**
 * The same past blocks and items that are bad. A directory has each name twice, by its index and by
 * its hash: what is lost of the one is taken from the other, behind the rest.
 * @param onLost told once, and why, where names may be missing all the same.
 * @throws Cancelled
 */
export function* readDirectoryPastDamage(
  subvolume: Subvolume,
  inode: number,
  onLost: (error: DendroError) => void,
): Generator<DirectoryEntry> {
  let lost: DendroError | undefined;
  yield* entriesPastDamage(subvolume, inode, KEY.dirIndex, (error) => (lost ??= error));
  if (lost === undefined) return;
  const told = new Set<string>();
  for (const { name } of entriesPastDamage(subvolume, inode, KEY.dirIndex, () => {})) {
    told.add(latin1(name));
  }
  let isWhole = true;
  for (const entry of entriesPastDamage(subvolume, inode, KEY.dirItem, () => (isWhole = false))) {
    if (!told.has(latin1(entry.name))) yield entry;
  }
  if (!isWhole) onLost(lost);
}

/** What can be read of a directory's items of one kind, and why the rest cannot. */
export function* entriesPastDamage(
  subvolume: Subvolume,
  inode: number,
  type: typeof KEY.dirIndex | typeof KEY.dirItem,
  onDamage: (error: DendroError) => void,
): Generator<DirectoryEntry> {
  const cursor = subvolume.cursor().within(inode, type);
  pastBadBlocks(cursor, () => cursor.seek(inode, type, 0), onDamage);
  while (attempt(() => isEntryOf(cursor, inode, type), false, onDamage)) {
    yield* attempt<Iterable<DirectoryEntry>>(() => entriesAt(cursor, type), [], onDamage);
    pastBadBlocks(cursor, () => cursor.next(), onDamage);
  }
}

function entriesAt(cursor: Cursor, type: number): DirectoryEntry[] {
  return type === KEY.dirIndex ? [indexedEntry(cursor)] : [...hashedEntries(cursor)];
}

function latin1(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
}
