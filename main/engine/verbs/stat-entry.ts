import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { EntryStat } from '../../../shared/model/entry-stat.ts';
import type { VerbContext } from '../context.ts';
import { statInode } from '../inspect/index.ts';
import { volumeFor } from '../open-volumes.ts';
import { lookup, openSubvolume } from '../tree/index.ts';
import { describeEntry } from './describe-entry.ts';
import { requireInode } from './entries.ts';
import type { EntryInput } from './list-directory.ts';

/** All that a snapshot holds of one inode, with every name and extent. */
export function statEntry(input: EntryInput, context: VerbContext): EntryStat {
  const entry = describeEntry(input, context);
  const top = openSubvolume(volumeFor(input.volume, context.cancel), input.subvolumeId);
  const { subvolume, inode } = lookup(top, bytesFromText(input.path));
  requireInode(subvolume, inode);
  const { paths, extents, extentsLeftOut } = statInode(subvolume, inode)!;
  return { ...entry, paths: paths.map(textFromBytes), extents: [...extents], extentsLeftOut };
}
