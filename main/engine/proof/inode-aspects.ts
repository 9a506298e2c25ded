import type { Difference } from '../../../shared/model/comparison.ts';
import type { EntryType } from '../../../shared/model/entry.ts';
import { INODE_FLAG } from '../format/constants.ts';
import { readSymlink, readXattrs, type Inode, type Subvolume } from '../tree/index.ts';

/** One thing as it was and as it is. */
export interface Sides {
  readonly old: Inode;
  readonly fresh: Inode;
}

interface Places {
  readonly before: Subvolume;
  readonly after: Subvolume;
}

/** By the order of `S_IF*` in `mode >> 12`. */
const TYPES: Readonly<Record<number, EntryType>> = {
  ...{ 1: 'fifo', 2: 'character', 4: 'directory', 6: 'block' },
  ...{ 8: 'file', 10: 'symlink', 12: 'socket' },
};

export function shownType({ mode }: Inode): EntryType {
  return TYPES[mode >>> 12] ?? 'file';
}

/** What differs, in words; of a folder neither its times nor its size, which its names make. */
export function aspectsOf(
  { old, fresh }: Sides,
  { before, after }: Places,
  hasXattrs: boolean | null,
  isOtherContent: () => boolean,
): string[] {
  const isFolder = shownType(fresh) === 'directory';
  const isLink = shownType(fresh) === 'symlink';
  const found: Record<string, boolean> = {
    data: isOtherContent(),
    size: shownType(fresh) === 'file' && old.size !== fresh.size,
    target: isLink && targetOf(before, old) !== targetOf(after, fresh),
    device: old.rdev !== fresh.rdev,
    mode: (old.mode & 0o7777) !== (fresh.mode & 0o7777),
    owner: old.uid !== fresh.uid || old.gid !== fresh.gid,
    xattrs: hasXattrs ?? xattrsOf(before, old) !== xattrsOf(after, fresh),
    flags: shownFlags(old.flags) !== shownFlags(fresh.flags),
    links: !isFolder && old.links !== fresh.links,
    times: !isFolder && modified(old) !== modified(fresh),
  };
  return Object.keys(found).filter((aspect) => found[aspect]);
}

/** Without the filesystem's own note that space was once set aside in the file. */
export function shownFlags(flags: number): number {
  return (flags & ~INODE_FLAG.prealloc) >>> 0;
}

const CONTENT = ['data', 'size', 'target', 'device'];

/** Of something that is where it was. */
export function kindOf(aspects: readonly string[]): Difference['kind'] {
  return aspects.some((aspect) => CONTENT.includes(aspect)) ? 'modified' : 'metadata';
}

function targetOf(subvolume: Subvolume, { number }: Inode): string {
  return Buffer.from(readSymlink(subvolume, number)).toString('latin1');
}

function xattrsOf(subvolume: Subvolume, { number }: Inode): string {
  return readXattrs(subvolume, number)
    .map(({ name, value }) => `${hex(name)}=${hex(value)}`)
    .sort()
    .join(' ');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function modified({ mtime }: Inode): string {
  return `${mtime.seconds}.${mtime.nanoseconds}`;
}
