import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { DirectoryEntry as EntryModel } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../context.ts';
import { compileGlob, findNames, type NameMatcher, type OnNamesLost } from '../inspect/index.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { openSubvolume, type Subvolume } from '../tree/index.ts';
import { entryOf, entryPastDamage, entryType } from './entries.ts';

export interface FindInput {
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
  /** Part of a name; case of ASCII letters does not matter. */
  readonly text: string;
  readonly limit: number;
}

export interface FoundEntry {
  /** From the top of the subvolume. */
  readonly path: string;
  readonly entry: EntryModel;
}

/** Paths whose last name holds the text, in the order of the tree. */
export function findByName(input: FindInput, { cancel }: VerbContext): FoundEntry[] {
  const subvolume = openSubvolume(volumeFor(input.volume, cancel), input.subvolumeId);
  const literal = input.text.replace(/[\\*?[\]]/g, '\\$&');
  const matches = compileGlob(bytesFromText(`*${literal}*`), true);
  const found: FoundEntry[] = [];
  for (const entry of entriesNamed(subvolume, matches)) {
    if (found.push(entry) >= input.limit) break;
  }
  return found;
}

/**
 * One walk over all leaves; the inode is read of what matches only.
 * @param onLost where what can be read will do.
 */
export function* entriesNamed(
  subvolume: Subvolume,
  matches: NameMatcher,
  onLost?: OnNamesLost,
): Generator<FoundEntry, void> {
  const row = onLost === undefined ? entryOf : entryPastDamage;
  for (const { path, inode, type, isSubvolume } of findNames(subvolume, matches, onLost)) {
    const text = textFromBytes(path);
    const name = text.slice(text.lastIndexOf('/') + 1);
    const named = { name, inode, type: entryType(type, isSubvolume) };
    yield { path: text, entry: row(subvolume, named) };
  }
}
