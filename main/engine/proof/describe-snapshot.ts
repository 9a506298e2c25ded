import { createHash } from 'node:crypto';
import {
  isDirectory,
  isRegular,
  isSymlink,
  joinPath,
  readDirectory,
  readFile,
  readInode,
  readSymlink,
  readXattrs,
  type Subvolume,
} from '../tree/index.ts';
import { FILE_TYPE, INODE_FLAG, KEY } from '../format/constants.ts';

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
 * Times of access and birth cannot be kept, flags are not in every stream: neither is compared.
 * Nor are the places of nested subvolumes, of which no stream knows.
 */
export function* describeSnapshot(subvolume: Subvolume): Generator<Described> {
  yield* describe(subvolume, subvolume.rootInode, new Uint8Array(0));
}

/** Depth first, names in the order of their bytes. */
function* describe(subvolume: Subvolume, inode: number, path: Uint8Array): Generator<Described> {
  const item = readInode(subvolume, inode);
  if (item === undefined) {
    yield { path, inode, isFile: false, size: 0, properties: { kind: 'without inode' } };
    return;
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
  yield { path, inode, isFile: isRegular(mode), size: isRegular(mode) ? size : 0, properties };
  if (isDirectory(mode)) yield* entriesOf(subvolume, inode, path);
}

function* entriesOf(subvolume: Subvolume, inode: number, path: Uint8Array): Generator<Described> {
  const entries: { name: Buffer; inode: number }[] = [];
  for (const { name, inode: child, type, index } of readDirectory(subvolume, inode)) {
    const isStub = type === FILE_TYPE.directory && isNested(subvolume, inode, index);
    if (!isStub) entries.push({ name: Buffer.from(name), inode: child });
  }
  entries.sort((a, b) => a.name.compare(b.name));
  for (const { name, inode: child } of entries) {
    yield* describe(subvolume, child, joinPath(path, name));
  }
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

export function hasNoChecksums(subvolume: Subvolume, inode: number): boolean {
  return ((readInode(subvolume, inode)?.flags ?? 0) & INODE_FLAG.nodatasum) !== 0;
}
