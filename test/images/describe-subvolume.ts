import { createHash } from 'node:crypto';
import { INODE_FLAG } from '../../main/engine/format/constants.ts';
import {
  fileExtents,
  MODE,
  readDirectory,
  readFile,
  readInode,
  readSymlink,
  readXattrs,
  type Inode,
  type Subvolume,
  type Time,
} from '../../main/engine/tree/index.ts';
import { FileFlag, makeDevice, showPath } from '../harness/syscalls.ts';
import type { FileKind } from '../harness/walk.ts';

type Aspects = Record<string, string>;

interface Entry {
  readonly path: string;
  readonly inode: Inode;
}

/** What `describeNode` of the harness says of a mounted tree, read by Dendro from the device. */
export function describeSubvolume(subvolume: Subvolume): Record<string, Aspects> {
  const entries = allEntries(subvolume);
  const names = new Map<number, string[]>();
  for (const { path, inode } of entries) {
    names.set(inode.number, [...(names.get(inode.number) ?? []), path]);
  }
  return Object.fromEntries(
    entries.map(({ path, inode }) => [path, describe(subvolume, inode, names.get(inode.number)!)]),
  );
}

/** Each directory before what is in it, names in byte order: as the harness walks. */
function allEntries(subvolume: Subvolume): Entry[] {
  const entries: Entry[] = [];
  const visit = (number: number, path: string): void => {
    const inode = readInode(subvolume, number)!;
    entries.push({ path, inode });
    if ((inode.mode & MODE.typeMask) !== MODE.directory) return;
    const found = [...readDirectory(subvolume, number)].filter((entry) => !entry.isSubvolume);
    const children = found.map((entry) => ({ name: entry.name.slice(), inode: entry.inode }));
    for (const { name, inode: child } of children.sort((a, b) => Buffer.compare(a.name, b.name))) {
      visit(child, path === '' ? showPath(name) : `${path}/${showPath(name)}`);
    }
  };
  visit(subvolume.rootInode, '');
  return entries;
}

function describe(subvolume: Subvolume, inode: Inode, paths: readonly string[]): Aspects {
  const kind = kinds[inode.mode & MODE.typeMask]!;
  const isFile = kind === 'file';
  const all: Aspects = {
    kind,
    size: isFile ? `${inode.size}` : '',
    mode: (inode.mode & 0o7777).toString(8),
    owner: `${inode.uid}:${inode.gid}`,
    rdev: kind.endsWith('-device') ? device(inode.rdev) : '',
    target: kind === 'symlink' ? latin1(readSymlink(subvolume, inode.number)) : '',
    xattrs: xattrs(subvolume, inode.number),
    links: kind === 'directory' ? '' : `${paths.length} of ${inode.links} as ${paths[0]}`,
    flags: isFile || kind === 'directory' ? `0x${fileFlags(inode.flags).toString(16)}` : '',
    holes: isFile ? segments(subvolume, inode) : '',
    mtime: nanoseconds(inode.mtime),
    atime: nanoseconds(inode.atime),
    ctime: nanoseconds(inode.ctime),
    otime: nanoseconds(inode.otime),
    sha256: isFile ? contentHash(subvolume, inode.number) : '',
    inode: `${inode.number}`,
    nlink: `${inode.links}`,
  };
  return Object.fromEntries(Object.entries(all).filter(([, text]) => text !== ''));
}

const kinds: Record<number, FileKind> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'symlink',
  0o010000: 'fifo',
  0o140000: 'socket',
  0o060000: 'block-device',
  0o020000: 'character-device',
};

/** The item has the kernel's own dev_t, the minor in its low 20 bits. */
function device(rdev: number): string {
  return `${makeDevice(Math.floor(rdev / 2 ** 20), rdev % 2 ** 20)}`;
}

function xattrs(subvolume: Subvolume, inode: number): string {
  return readXattrs(subvolume, inode)
    .map(({ name, value }) => ({ name: latin1(name), value: Buffer.from(value) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, value }) => `${name}=${value.length > 64 ? long(value) : value.toString('hex')}`)
    .join(' ');
}

function long(value: Buffer): string {
  return `${value.length} bytes, sha256 ${createHash('sha256').update(value).digest('hex')}`;
}

/** As the kernel turns an inode item's flags into those of FS_IOC_GETFLAGS. */
function fileFlags(flags: number): number {
  const pairs = [
    [INODE_FLAG.sync, FileFlag.sync],
    [INODE_FLAG.immutable, FileFlag.immutable],
    [INODE_FLAG.append, FileFlag.append],
    [INODE_FLAG.nodump, FileFlag.nodump],
    [INODE_FLAG.noatime, FileFlag.noatime],
    [INODE_FLAG.dirsync, FileFlag.dirsync],
    [INODE_FLAG.nodatacow, FileFlag.nocow],
    [INODE_FLAG.nocompress, FileFlag.nocompress],
    [INODE_FLAG.compress, FileFlag.compress],
  ] as const;
  return pairs.reduce((all, [ours, theirs]) => ((flags & ours) === 0 ? all : all | theirs), 0);
}

/**
 * What SEEK_DATA and SEEK_HOLE tell: whole sectors also where an inline extent is shorter,
 * neighbours are one, the last ends with the file.
 */
function segments(subvolume: Subvolume, inode: Inode): string {
  const merged: { start: number; end: number }[] = [];
  for (const extent of fileExtents(subvolume, inode.number)) {
    const { sectorSize } = subvolume.volume;
    const end = Math.min(Math.ceil(extent.end / sectorSize) * sectorSize, inode.size);
    if (extent.isZeros || extent.fileOffset >= end) continue;
    const last = merged.at(-1);
    if (last?.end === extent.fileOffset) last.end = end;
    else merged.push({ start: extent.fileOffset, end });
  }
  return merged.map(({ start, end }) => `${start}-${end}`).join(' ');
}

function contentHash(subvolume: Subvolume, inode: number): string {
  const hash = createHash('sha256');
  for (const { data } of readFile(subvolume, inode)) hash.update(data);
  return hash.digest('hex');
}

function nanoseconds(time: Time): string {
  return `${time.seconds * 1_000_000_000n + BigInt(time.nanoseconds)}`;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
