import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { FoundNames } from '../../../shared/model/entry-stat.ts';
import type { VerbContext } from '../context.ts';
import { compileGlob } from '../inspect/index.ts';
import { volumeFor } from '../open-volumes.ts';
import { inodePath, lookup, openSubvolume } from '../tree/index.ts';
import { entriesNamed } from './find-by-name.ts';
import type { EntryInput } from './list-directory.ts';

export interface MatchInput extends EntryInput {
  /** A shell pattern for the last part of a path. */
  readonly pattern: string;
  readonly ignoreCase: boolean;
  readonly limit: number;
}

/** Names below a folder that match, as paths from the top of the subvolume that it lies in. */
export function matchNames(input: MatchInput, { cancel }: VerbContext): FoundNames {
  const top = openSubvolume(volumeFor(input.volume, cancel), input.subvolumeId);
  const { subvolume, inode } = lookup(top, bytesFromText(input.path));
  const folder = textFromBytes(inodePath(subvolume, inode) ?? new Uint8Array(0));
  const below = folder === '' ? '' : `${folder}/`;
  const entries: FoundNames['entries'] = [];
  const matches = compileGlob(bytesFromText(input.pattern), input.ignoreCase);
  for (const found of entriesNamed(subvolume, matches)) {
    if (!found.path.startsWith(below)) continue;
    if (entries.length >= input.limit) return { entries, isCut: true };
    entries.push(found);
  }
  return { entries, isCut: false };
}
