import type { DendroError } from '../../../shared/errors.ts';
import { isDamage } from '../volume/index.ts';
import {
  directoryTwice,
  isDirectory,
  isRegular,
  isSymlink,
  joinPath,
  readDirectory,
  readDirectoryPastDamage,
  readInode,
  readStored,
  readSymlink,
  readXattrs,
  type Inode,
  type Subvolume,
} from '../tree/index.ts';
import { FILE_TYPE } from '../format/constants.ts';
import { hashOfContent } from './content-hash.ts';

/** What a snapshot says of one name; two snapshots are the same when all of these are. */
export interface Described {
  readonly path: Uint8Array;
  readonly inode: number;
  readonly isFile: boolean;
  readonly size: number;
  /** Mode, owner, time of change, device number, target and attributes, in words. */
  readonly properties: Readonly<Record<string, string>>;
}

/** Gets what is gone on past; each is told once. */
export interface OnUnread {
  /** Of this name, or of the content of this file, something cannot be read: it is left out. */
  readonly name: (path: Uint8Array, error: DendroError) => void;
  /** Names may be missing in this folder. */
  readonly names: (path: Uint8Array, error: DendroError) => void;
}

/**
 * Depth first, names in the order of their bytes.
 * @param unread where what can be read will do.
 *
 * Times of access and birth cannot be kept, flags are not in every stream: neither is compared.
 * Nor are the places of nested subvolumes, of which no stream knows.
 * @throws Corrupt, Io
 */
export function* describeSnapshot(subvolume: Subvolume, unread?: OnUnread): Generator<Described> {
  const seen = new Set<number>();
  const open: Folder[] = [
    { path: NO_PATH, entries: [{ name: NO_PATH, inode: subvolume.rootInode, isFolder: true }] },
  ];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const entry = folder.entries.pop();
    if (entry === undefined) {
      open.pop();
      continue;
    }
    const path = joinPath(folder.path, entry.name);
    const onUnread = unread && ((error: DendroError) => unread.name(path, error));
    const read = passing(() => {
      const item = readInode(subvolume, entry.inode);
      return { item, described: describe(subvolume, { path, inode: entry.inode }, item) };
    }, onUnread);
    if (read !== undefined) yield read.described;
    const isFolder = read === undefined ? entry.isFolder : isDirectory(read.item?.mode ?? 0);
    if (!isFolder) continue;
    if (seen.has(entry.inode)) {
      const error = directoryTwice(entry.inode, subvolume.id);
      if (unread === undefined) throw error;
      unread.names(path, error);
      continue;
    }
    seen.add(entry.inode);
    const onLost = unread && ((error: DendroError) => unread.names(path, error));
    open.push({ path, entries: entriesOf(subvolume, entry.inode, onLost) });
  }
}

/** What damage kept from being made is undefined, where there is somebody to tell. */
export function passing<T>(
  work: () => T,
  onDamage: ((error: DendroError) => void) | undefined,
): T | undefined {
  try {
    return work();
  } catch (error) {
    if (onDamage === undefined || !isDamage(error)) throw error;
    onDamage(error);
    return undefined;
  }
}

const NO_PATH = new Uint8Array(0);

/** A folder that is gone through. */
interface Folder {
  readonly path: Uint8Array;
  /** What is still to come, the last one first. */
  readonly entries: Child[];
}
interface Child {
  readonly name: Uint8Array;
  readonly inode: number;
  readonly isFolder: boolean;
}
interface Named {
  readonly path: Uint8Array;
  readonly inode: number;
}

function describe(
  subvolume: Subvolume,
  { path, inode }: Named,
  item: Inode | undefined,
): Described {
  if (item === undefined) {
    return { path, inode, isFile: false, size: 0, properties: { kind: 'without inode' } };
  }
  const { mode, uid, gid, links, rdev, size, mtime } = item;
  const isLink = isSymlink(mode);
  const properties: Record<string, string> = {
    mode: (mode & (isLink ? 0o170000 : 0o177777)).toString(8),
    owner: `${uid}:${gid}`,
    mtime: `${mtime.seconds}.${mtime.nanoseconds}`,
    attributes: attributesOf(subvolume, inode),
  };
  if (isLink) properties['target'] = Buffer.from(readSymlink(subvolume, inode)).toString('hex');
  if (!isDirectory(mode)) Object.assign(properties, { links: `${links}`, device: `${rdev}` });
  return { path, inode, isFile: isRegular(mode), size: isRegular(mode) ? size : 0, properties };
}

/** By the bytes of their names, the last one first. */
function entriesOf(
  subvolume: Subvolume,
  inode: number,
  onLost: ((error: DendroError) => void) | undefined,
): Child[] {
  const all =
    onLost === undefined
      ? readDirectory(subvolume, inode)
      : readDirectoryPastDamage(subvolume, inode, onLost);
  const entries: Child[] = [];
  for (const { name, inode: child, type, isSubvolume } of all) {
    if (!isSubvolume) {
      entries.push({
        name: Buffer.from(name),
        inode: child,
        isFolder: type === FILE_TYPE.directory,
      });
    }
  }
  return entries.sort((a, b) => Buffer.compare(b.name, a.name));
}

function attributesOf(subvolume: Subvolume, inode: number): string {
  const all = readXattrs(subvolume, inode).map(({ name, value }) => ({
    name: Buffer.from(name).toString('hex'),
    value: Buffer.from(value).toString('hex'),
  }));
  return all
    .map(({ name, value }) => `${name}=${value}`)
    .sort()
    .join(' ');
}

/**
 * The hash of a file's content, every sector held against its checksum on the way.
 * @param isWhole see `ContentHash`
 */
export function contentHash(subvolume: Subvolume, inode: number, isWhole = false): string {
  const size = readInode(subvolume, inode)?.size ?? 0;
  return hashOfContent(readStored(subvolume, inode), size, isWhole).toString('hex');
}
