import { conflict, toErrorData, type DendroError, type ErrorData } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { DirectoryEntry as EntryModel } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../context.ts';
import { FILE_TYPE } from '../format/constants.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import type { Volume } from '../volume/index.ts';
import {
  lookup,
  openSubvolume,
  readDirectoryPastDamage,
  type Found,
  type Subvolume,
} from '../tree/index.ts';
import { entryOf, entryPastDamage, entryType, type NamedInode } from './entries.ts';

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
  /** What can be read of a damaged folder, instead of an error. */
  readonly pastDamage?: boolean;
}

export interface Listing {
  readonly entries: EntryModel[];
  readonly total: number;
  /** Why names may be missing. */
  readonly problem: ErrorData | null;
}

export interface Names {
  readonly all: readonly NamedInode[];
  readonly lost: DendroError | undefined;
}

/** Listings of this many directories of a volume are kept sorted, for the next page of them. */
const SORTED_KEPT = 8;
/** They go with the open volume: its device may be another drive the next time. */
const sorted = new WeakMap<Volume, Map<string, Names>>();

/** Directories first, then by name; inodes are read for the rows asked for only. */
export function listDirectory(
  { volume: input, subvolumeId, path, offset, limit, pastDamage = false }: ListInput,
  { cancel }: VerbContext,
): Listing {
  const volume = volumeFor(input, cancel);
  const found = lookup(openSubvolume(volume, subvolumeId), bytesFromText(path));
  if (found.type !== FILE_TYPE.directory) throw notDirectory(path);
  const { all, lost } = keptNames(volume, found);
  if (lost !== undefined && !pastDamage) throw lost;
  const row = pastDamage ? entryPastDamage : entryOf;
  const rows = all.slice(offset, offset + limit);
  found.subvolume.expectInodes(rows.map(({ inode }) => inode));
  const entries = rows.map((named) => row(found.subvolume, named));
  return { entries, total: all.length, problem: lost === undefined ? null : toErrorData(lost) };
}

/** All names of a folder that can be read, in the order of a listing. */
export function sortedNames(subvolume: Subvolume, inode: number): Names {
  const names: NamedInode[] = [];
  let lost: DendroError | undefined;
  for (const entry of readDirectoryPastDamage(subvolume, inode, (error) => (lost = error))) {
    names.push({
      name: textFromBytes(entry.name),
      inode: entry.inode,
      type: entryType(entry.type, entry.isSubvolume),
    });
  }
  return { all: names.sort(byKindAndName), lost };
}

function byKindAndName(a: NamedInode, b: NamedInode): number {
  const rank = ({ type }: NamedInode): number =>
    type === 'directory' || type === 'subvolume' ? 0 : 1;
  return rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Of a damaged folder it is looked again whether the damage is still there. */
function keptNames(volume: Volume, { subvolume, inode }: Found): Names {
  const key = `${volume.generation} ${subvolume.id} ${inode}`;
  const kept = sorted.get(volume) ?? new Map<string, Names>();
  const names = kept.get(key) ?? sortedNames(subvolume, inode);
  if (names.lost !== undefined || kept.has(key)) return names;
  if (kept.size >= SORTED_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, names);
  sorted.set(volume, kept);
  return names;
}

function notDirectory(path: string): Error {
  return conflict('not-a-directory', say`"${{ path: printable(path) }}" is not a folder.`, {
    hint: 'Show a file with: dendro cat',
    place: { path: printable(path) },
  });
}
