import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { DirectoryEntry as EntryModel } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../context.ts';
import { FILE_TYPE } from '../format/constants.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { lookup, openSubvolume, readDirectory, type Subvolume } from '../tree/index.ts';
import { entryOf, entryType, type NamedInode } from './entries.ts';

/** A path in a subvolume; it may lead into nested ones. '' is the top. */
export interface EntryInput {
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
  /** As text that keeps its bytes. */
  readonly path: string;
}

export interface ListInput extends EntryInput {
  readonly offset: number;
  readonly limit: number;
}

/** Listings of this many directories are kept sorted, for the next page of them. */
const SORTED_KEPT = 8;
const sorted = new Map<string, readonly NamedInode[]>();

/** Directories first, then by name; inodes are read for the rows asked for only. */
export function listDirectory(
  { volume: input, subvolumeId, path, offset, limit }: ListInput,
  { cancel }: VerbContext,
): { entries: EntryModel[]; total: number } {
  const volume = volumeFor(input, cancel);
  const found = lookup(openSubvolume(volume, subvolumeId), bytesFromText(path));
  if (found.type !== FILE_TYPE.directory) throw notDirectory(path);
  const key = JSON.stringify([input.devices, volume.generation, found.subvolume.id, found.inode]);
  const all = sorted.get(key) ?? remembered(key, sortedNames(found.subvolume, found.inode));
  const rows = all.slice(offset, offset + limit);
  return { entries: rows.map((row) => entryOf(found.subvolume, row)), total: all.length };
}

function sortedNames(subvolume: Subvolume, inode: number): NamedInode[] {
  const names: NamedInode[] = [];
  for (const entry of readDirectory(subvolume, inode)) {
    names.push({
      name: textFromBytes(entry.name),
      inode: entry.inode,
      type: entryType(entry.type, entry.isSubvolume),
    });
  }
  return names.sort(byKindAndName);
}

function byKindAndName(a: NamedInode, b: NamedInode): number {
  const rank = ({ type }: NamedInode): number =>
    type === 'directory' || type === 'subvolume' ? 0 : 1;
  return rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function remembered(key: string, names: readonly NamedInode[]): readonly NamedInode[] {
  if (sorted.size >= SORTED_KEPT) sorted.delete(sorted.keys().next().value!);
  sorted.set(key, names);
  return names;
}

function notDirectory(path: string): Error {
  return conflict('not-a-directory', say`"${{ path: printable(path) }}" is not a folder.`, {
    hint: 'Show a file with: dendro cat',
    place: { path: printable(path) },
  });
}
