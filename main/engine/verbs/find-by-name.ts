import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { DirectoryEntry as EntryModel } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../context.ts';
import { FILE_TYPE_ENCRYPTED, KEY } from '../format/constants.ts';
import { DIR_ITEM } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { inodePath, joinPath, openSubvolume, type Cursor, type Subvolume } from '../tree/index.ts';
import { entryOf, entryType } from './entries.ts';

export interface FindInput {
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
  /** Part of a name, in any case. */
  readonly text: string;
  readonly limit: number;
}

export interface FoundEntry {
  /** From the top of the subvolume. */
  readonly path: string;
  readonly entry: EntryModel;
}

/**
 * Every path whose last name holds the text, in the order of the tree: one walk over all items,
 * no directory is opened.
 */
export function findByName(input: FindInput, { cancel }: VerbContext): FoundEntry[] {
  const subvolume = openSubvolume(volumeFor(input.volume, cancel), input.subvolumeId);
  const matches = matcher(input.text);
  const found: FoundEntry[] = [];
  const cursor = subvolume.cursor();
  for (cursor.seek(0, 0, 0); cursor.valid && found.length < input.limit; cursor.next()) {
    if (cursor.type !== KEY.dirIndex || cursor.dataSize < DIR_ITEM.size) continue;
    const entry = matchAt(subvolume, cursor, matches);
    if (entry) found.push(entry);
  }
  return found;
}

function matchAt(
  subvolume: Subvolume,
  cursor: Cursor,
  matches: (name: Buffer) => boolean,
): FoundEntry | undefined {
  const { node, dataStart } = cursor;
  const length = node.view.getUint16(dataStart + DIR_ITEM.at.nameLength, true);
  const start = dataStart + DIR_ITEM.size;
  const name = Buffer.from(node.bytes.buffer, node.bytes.byteOffset + start, length);
  if (length === 0 || DIR_ITEM.size + length > cursor.dataSize || !matches(name)) return undefined;
  const folder = inodePath(subvolume, cursor.objectId);
  if (folder === undefined) return undefined; // a directory that was deleted while open
  const type = node.bytes[dataStart + DIR_ITEM.at.type]! & ~FILE_TYPE_ENCRYPTED;
  const isSubvolume = node.bytes[dataStart + 8] === KEY.rootItem;
  const named = {
    name: textFromBytes(name),
    inode: readU64(node.view, dataStart),
    type: entryType(type, isSubvolume),
  };
  return { path: textFromBytes(joinPath(folder, name)), entry: entryOf(subvolume, named) };
}

/** For a text of ASCII letters the names stay bytes: most of them never become text. */
function matcher(text: string): (name: Buffer) => boolean {
  const wanted = text.toLowerCase();
  return (name) => name.length >= wanted.length && name.toString().toLowerCase().includes(wanted);
}
