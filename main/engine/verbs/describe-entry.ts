import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { EntryDetail } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../context.ts';
import { INODE_FLAG } from '../format/constants.ts';
import { volumeFor } from '../open-volumes.ts';
import { lookup, openSubvolume, readXattrs, type Inode } from '../tree/index.ts';
import { entryType, inodeFacts, requireInode, timeMs } from './entries.ts';
import type { EntryInput } from './list-directory.ts';

const TYPE_MASK = 0o170000;
const BLOCK = 0o060000;
const CHARACTER = 0o020000;
const MINORS = 2 ** 20;

/** A snapshot keeps all of it. */
export type SnapshotEntry = { [K in keyof EntryDetail]: FromSnapshot<K> };
type FromSnapshot<K extends keyof EntryDetail> = K extends 'device' | 'linkTarget'
  ? EntryDetail[K]
  : NonNullable<EntryDetail[K]>;

/** All that a snapshot holds of one inode. */
export function describeEntry(input: EntryInput, { cancel }: VerbContext): SnapshotEntry {
  const top = openSubvolume(volumeFor(input.volume, cancel), input.subvolumeId);
  const found = lookup(top, bytesFromText(input.path));
  const inode = requireInode(found.subvolume, found.inode);
  const xattrs = readXattrs(found.subvolume, found.inode);
  return {
    name: input.path.slice(input.path.lastIndexOf('/') + 1),
    type: entryType(found.type),
    inode: found.inode,
    ...inodeFacts(found.subvolume, inode),
    links: inode.links,
    generation: inode.generation,
    transid: inode.transid,
    diskBytes: inode.bytes,
    createdAtMs: timeMs(inode.otime),
    changedAtMs: timeMs(inode.ctime),
    device: deviceOf(inode),
    flags: flagsOf(inode.flags),
    xattrs: xattrs.map(({ name, value }) => ({
      name: textFromBytes(name),
      sizeBytes: value.length,
    })),
  };
}

/** The kernel's own dev_t, as inode items hold it: major above 20 bits of minor. */
function deviceOf({ mode, rdev }: Inode): EntryDetail['device'] {
  const kind = mode & TYPE_MASK;
  if (kind !== BLOCK && kind !== CHARACTER) return null;
  return { major: Math.floor(rdev / MINORS), minor: rdev % MINORS };
}

/** Names of BTRFS_INODE_* flags. */
export function flagsOf(flags: number): string[] {
  return Object.entries(INODE_FLAG)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name);
}
