import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import {
  inodeNames,
  isDirectory,
  isRegular,
  isSymlink,
  readDirectory,
  readFile,
  readInode,
  readSymlink,
  readXattrs,
  type Subvolume,
} from '../../main/engine/tree/index.ts';
import { getXattr, listXattrs, showPath } from '../harness/syscalls.ts';
import { walkTree } from '../harness/walk.ts';

/** A tree in words, a line for each path: what the reader and the kernel must agree on. */
export type Description = Map<string, string>;

/** As the kernel shows a mounted tree. */
export function describeByKernel(dir: string): Description {
  return new Map(
    walkTree(dir).map(({ path, absolute, kind, stat }) => {
      const content =
        kind === 'file'
          ? digest([readFileSync(absolute)])
          : kind === 'symlink'
            ? digest([readlinkSync(absolute, { encoding: 'buffer' })])
            : '';
      const xattrs = listXattrs(absolute).map(
        (name) => [Buffer.from(name), getXattr(absolute, name)] as const,
      );
      const { mode, uid, gid, nlink, size, rdev, mtimeNs, ino } = stat;
      const line = [ino, mode, uid, gid, nlink, size, rdev, mtimeNs, content, showXattrs(xattrs)];
      return [path, line.map(String).join(' ')];
    }),
  );
}

/** As the engine reads it off the device. */
export function describeByReader(subvolume: Subvolume): Description {
  const lines: Description = new Map();
  const visit = (inode: number, path: string): void => {
    lines.set(path, describeInode(subvolume, inode));
    if (!isDirectory(readInode(subvolume, inode)!.mode)) return;
    for (const entry of readDirectory(subvolume, inode)) {
      if (entry.isSubvolume) continue;
      const name = showPath(Buffer.from(entry.name));
      visit(entry.inode, path === '' ? name : `${path}/${name}`);
    }
  };
  visit(subvolume.rootInode, '');
  return lines;
}

function describeInode(subvolume: Subvolume, inode: number): string {
  const item = readInode(subvolume, inode)!;
  const { mode, uid, gid, links, size, mtime } = item;
  if (!isDirectory(mode) && inodeNames(subvolume, inode).length !== links) return 'wrong links';
  const chunks = function* (): Generator<Uint8Array> {
    for (const { data } of readFile(subvolume, inode)) yield data;
  };
  const content = isRegular(mode)
    ? digest(chunks())
    : isSymlink(mode)
      ? digest([readSymlink(subvolume, inode)])
      : '';
  const xattrs = readXattrs(subvolume, inode)
    .map(({ name, value }) => [Buffer.from(name), Buffer.from(value)] as const)
    .sort(([a], [b]) => Buffer.compare(a, b));
  const times = mtime.seconds * 1_000_000_000n + BigInt(mtime.nanoseconds);
  const line = [inode, mode, uid, gid, links, size, kernelDevice(item.rdev), times, content];
  return [...line, showXattrs(xattrs)].map(String).join(' ');
}

/** From the kernel's own form, as on disk, to the one that stat(2) shows. */
function kernelDevice(rdev: number): bigint {
  const major = BigInt(Math.floor(rdev / 0x100000));
  const minor = BigInt(rdev % 0x100000);
  return ((major & 0xfffn) << 8n) | (minor & 0xffn) | ((minor & ~0xffn) << 12n);
}

function showXattrs(xattrs: readonly (readonly [Uint8Array, Uint8Array])[]): string {
  return xattrs
    .filter(([name]) => !Buffer.from(name).toString('latin1').startsWith('btrfs.'))
    .map(([name, value]) => `${Buffer.from(name).toString('latin1')}=${digest([value])}`)
    .sort()
    .join(',');
}

function digest(parts: Iterable<Uint8Array>): string {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest('base64');
}
