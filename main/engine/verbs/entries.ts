import { toErrorData } from '../../../shared/errors.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { DirectoryEntry as EntryModel, EntryType } from '../../../shared/model/entry.ts';
import { FILE_TYPE } from '../format/constants.ts';
import {
  isSymlink,
  readInode,
  readSymlink,
  type Inode,
  type Subvolume,
  type Time,
  missingInode,
} from '../tree/index.ts';
import { isDamage } from '../volume/index.ts';

const TYPES: Readonly<Record<number, EntryType>> = {
  [FILE_TYPE.regular]: 'file',
  [FILE_TYPE.directory]: 'directory',
  [FILE_TYPE.characterDevice]: 'character',
  [FILE_TYPE.blockDevice]: 'block',
  [FILE_TYPE.fifo]: 'fifo',
  [FILE_TYPE.socket]: 'socket',
  [FILE_TYPE.symlink]: 'symlink',
};

/** What a directory entry says of its target, before the inode is read. */
export interface NamedInode {
  /** As text that keeps its bytes. */
  readonly name: string;
  readonly inode: number;
  readonly type: EntryType;
}

export function entryType(type: number, isSubvolume = false): EntryType {
  return isSubvolume ? 'subvolume' : (TYPES[type] ?? 'file');
}

/** A row of a listing. @throws Corrupt 'inode-missing' */
export function entryOf(subvolume: Subvolume, named: NamedInode): EntryModel {
  if (named.type === 'subvolume') return subvolumeEntry(named);
  const inode = requireInode(subvolume, named.inode);
  return { ...named, ...inodeFacts(subvolume, inode) };
}

export function inodeFacts(subvolume: Subvolume, inode: Inode): Omit<EntryModel, keyof NamedInode> {
  return {
    sizeBytes: inode.size,
    modifiedAtMs: timeMs(inode.mtime),
    mode: inode.mode & 0o7777,
    uid: inode.uid,
    gid: inode.gid,
    linkTarget: isSymlink(inode.mode) ? textFromBytes(readSymlink(subvolume, inode.number)) : null,
  };
}

export function requireInode(subvolume: Subvolume, number: number): Inode {
  const inode = readInode(subvolume, number);
  if (inode) return inode;
  throw missingInode(number, subvolume.id);
}

export function timeMs({ seconds, nanoseconds }: Time): number {
  const ms = Number(seconds) * 1_000 + Math.floor(nanoseconds / 1_000_000);
  // A damaged or absurd time must not make the whole listing unreadable.
  return Number.isSafeInteger(ms) ? ms : 0;
}

/** The same; what is damaged says so, and is named all the same. */
export function entryPastDamage(subvolume: Subvolume, named: NamedInode): EntryModel {
  try {
    return entryOf(subvolume, named);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { ...named, ...NOTHING_KNOWN, problem: toErrorData(error) };
  }
}

const NOTHING_KNOWN = {
  ...{ sizeBytes: 0, modifiedAtMs: 0, mode: 0, uid: 0, gid: 0 },
  linkTarget: null,
} as const;

/** The place of another subvolume: its own inode lies in another tree. */
function subvolumeEntry(named: NamedInode): EntryModel {
  return { ...named, sizeBytes: 0, modifiedAtMs: 0, mode: 0o755, uid: 0, gid: 0, linkTarget: null };
}
