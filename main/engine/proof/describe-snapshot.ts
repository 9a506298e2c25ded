import { createHash } from 'node:crypto';
import {
  directoryTwice,
  isDirectory,
  isRegular,
  isSymlink,
  joinPath,
  readDirectory,
  readFile,
  readInode,
  readSymlink,
  readXattrs,
  type Inode,
  type Subvolume,
} from '../tree/index.ts';
import { FILE_TYPE, KEY } from '../format/constants.ts';

/** What a snapshot says of one name; two snapshots are the same when all of these are. */
export interface Described {
  readonly path: Uint8Array;
  readonly inode: number;
  readonly isFile: boolean;
  readonly size: number;
  /** Mode, owner, time of change, device number, target and attributes, in words. */
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * Depth first, names in the order of their bytes.
 *
 * Times of access and birth cannot be kept, flags are not in every stream: neither is compared.
 * Nor are the places of nested subvolumes, of which no stream knows.
 * @throws Corrupt, Io
 */
export function* describeSnapshot(subvolume: Subvolume): Generator<Described> {
  const seen = new Set<number>();
  const open: Folder[] = [
    { path: NO_PATH, entries: [{ name: NO_PATH, inode: subvolume.rootInode }] },
  ];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const entry = folder.entries.pop();
    if (entry === undefined) {
      open.pop();
      continue;
    }
    const path = joinPath(folder.path, entry.name);
    const item = readInode(subvolume, entry.inode);
    yield describe(subvolume, { path, inode: entry.inode }, item);
    if (item === undefined || !isDirectory(item.mode)) continue;
    if (seen.has(entry.inode)) throw directoryTwice(entry.inode, subvolume.id);
    seen.add(entry.inode);
    open.push({ path, entries: entriesOf(subvolume, entry.inode) });
  }
}

const NO_PATH = new Uint8Array(0);

/** A folder that is gone through. */
interface Folder {
  readonly path: Uint8Array;
  /** What is still to come, the last one first. */
  readonly entries: { readonly name: Uint8Array; readonly inode: number }[];
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
function entriesOf(subvolume: Subvolume, inode: number): { name: Buffer; inode: number }[] {
  const entries: { name: Buffer; inode: number }[] = [];
  for (const { name, inode: child, type, index } of readDirectory(subvolume, inode)) {
    const isStub = type === FILE_TYPE.directory && isNested(subvolume, inode, index);
    if (!isStub) entries.push({ name: Buffer.from(name), inode: child });
  }
  return entries.sort((a, b) => b.name.compare(a.name));
}

/** The entry leads to another subvolume: its location key is a root item. */
function isNested(subvolume: Subvolume, directory: number, index: number): boolean {
  const cursor = subvolume.cursor();
  if (!cursor.seek(directory, KEY.dirIndex, index)) return false;
  const { node, dataStart } = cursor;
  return node.view.getUint8(dataStart + 8) === KEY.rootItem;
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

/** SHA-256 of a file's content, every sector held against its checksum on the way. */
export function contentHash(subvolume: Subvolume, inode: number): string {
  const hash = createHash('sha256');
  for (const { data } of readFile(subvolume, inode)) hash.update(data);
  return hash.digest('hex');
}
