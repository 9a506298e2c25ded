import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';
import { dataSegments, type Segment } from './extents.ts';
import { getFileFlags, getXattr, listXattrs, type Path } from './syscalls.ts';
import { walkTree, type TreeNode } from './walk.ts';

/** One thing that is not the same; `path` is escaped for people, the top itself is ''. */
export interface Difference {
  readonly path: string;
  readonly aspect: Aspect | 'missing' | 'extra';
  readonly left: string;
  readonly right: string;
}

export interface CompareOptions {
  /** Looked at besides the default: atime, ctime and otime, which not every copy can keep. */
  readonly also?: readonly Aspect[];
  readonly except?: readonly Aspect[];
  /** By escaped path; a directory left out takes all below it along. */
  readonly ignore?: (path: string) => boolean;
  /** Stops after so many differences. Default 50. */
  readonly limit?: number;
}

/**
 * Compares two trees by what the kernel says of them, in everything that a snapshot holds.
 * An empty list means that they are the same.
 */
export function compareTrees(
  left: Path,
  right: Path,
  options: CompareOptions = {},
): readonly Difference[] {
  const limit = options.limit ?? 50;
  const chosen = [...standard, ...(options.also ?? [])].filter(
    (aspect) => !(options.except ?? []).includes(aspect),
  );
  const rights = new Map(walkTree(right, options.ignore).map((node) => [node.path, node]));
  const found: Difference[] = [];
  for (const node of walkTree(left, options.ignore)) {
    if (found.length >= limit) return found;
    const other = rights.get(node.path);
    rights.delete(node.path);
    if (other === undefined) {
      found.push({ path: node.path, aspect: 'missing', left: node.kind, right: '' });
    } else {
      found.push(...compareNodes(node, other, chosen));
    }
  }
  for (const node of rights.values()) {
    found.push({ path: node.path, aspect: 'extra', left: '', right: node.kind });
  }
  return found.slice(0, limit);
}

/** A line a difference, to be read in a failed test. */
export function showDifferences(differences: readonly Difference[]): string[] {
  return differences.map(
    ({ path, aspect, left, right }) => `/${path}: ${aspect}: ${left} | ${right}`,
  );
}

function compareNodes(
  left: TreeNode,
  right: TreeNode,
  chosen: readonly Aspect[],
): readonly Difference[] {
  if (left.kind !== right.kind) {
    return [{ path: left.path, aspect: 'kind', left: left.kind, right: right.kind }];
  }
  return chosen.flatMap((aspect) => {
    if (aspect === 'content') return compareContent(left, right);
    const [ours, theirs] = [look[aspect](left), look[aspect](right)];
    return ours === theirs ? [] : [{ path: left.path, aspect, left: ours, right: theirs }];
  });
}

/** What each aspect is, as text: equal texts are the same. */
const look = {
  kind: (node) => node.kind,
  size: (node) => (node.kind === 'file' ? `${node.stat.size}` : ''),
  mode: (node) => (Number(node.stat.mode) & 0o7777).toString(8),
  owner: (node) => `${node.stat.uid}:${node.stat.gid}`,
  rdev: (node) => (node.kind.endsWith('-device') ? `${node.stat.rdev}` : ''),
  target: (node) =>
    node.kind === 'symlink' ? readlinkSync(node.absolute, 'buffer').toString('latin1') : '',
  xattrs: (node) =>
    listXattrs(node.absolute)
      .map((name) => `${name}=${showValue(getXattr(node.absolute, name))}`)
      .join(' '),
  links: (node) => node.links,
  flags: (node) =>
    node.kind === 'file' || node.kind === 'directory'
      ? withFile(node, (fd) => `0x${comparableFlags(node, getFileFlags(fd)).toString(16)}`)
      : '',
  holes: (node) =>
    node.kind === 'file'
      ? withFile(node, (fd) =>
          dataSegments(fd, Number(node.stat.size))
            .map(({ start, end }) => `${start}-${end}`)
            .join(' '),
        )
      : '',
  mtime: (node) => `${node.stat.mtimeNs}`,
  atime: (node) => `${node.stat.atimeNs}`,
  ctime: (node) => `${node.stat.ctimeNs}`,
  otime: (node) => `${node.stat.birthtimeNs}`,
} satisfies Record<string, (node: TreeNode) => string>;

export type Aspect = keyof typeof look | 'content';

/** Flags and times first: reading the content may change the time of access. */
export const standard: readonly Aspect[] = [
  'mtime',
  'size',
  'mode',
  'owner',
  'rdev',
  'target',
  'xattrs',
  'links',
  'flags',
  'holes',
  'content',
];

/** Aspects of a node as text, without those that are empty; the content as its sha256. */
export function describeNode(
  node: TreeNode,
  aspects: readonly Aspect[] = [...(Object.keys(look) as (keyof typeof look)[]), 'content'],
): Record<string, string> {
  const texts = aspects.map((aspect): [string, string] =>
    aspect === 'content'
      ? ['sha256', node.kind === 'file' ? contentHash(node) : '']
      : [aspect, look[aspect](node)],
  );
  return Object.fromEntries(texts.filter(([, text]) => text !== ''));
}

/** Hash of what a program reads, holes included. */
function contentHash(node: TreeNode): string {
  const hash = createHash('sha256');
  withFile(node, (fd) => {
    for (let position = 0; ;) {
      const length = readSync(fd, chunks[0], 0, chunks[0].length, position);
      if (length === 0) return;
      hash.update(chunks[0].subarray(0, length));
      position += length;
    }
  });
  return hash.digest('hex');
}

function compareContent(left: TreeNode, right: TreeNode): Difference[] {
  if (left.kind !== 'file') return [];
  const at = withFile(left, (ours) =>
    withFile(right, (theirs) => {
      const [ourSize, theirSize] = [Number(left.stat.size), Number(right.stat.size)];
      const ranges = union([...dataSegments(ours, ourSize), ...dataSegments(theirs, theirSize)]);
      for (const range of ranges) {
        const difference = firstDifference(ours, theirs, range);
        if (difference !== undefined) return difference;
      }
      return ourSize === theirSize ? undefined : Math.min(ourSize, theirSize);
    }),
  );
  if (at === undefined) return [];
  const where = `differs at ${at}`;
  return [{ path: left.path, aspect: 'content', left: where, right: where }];
}

/** What is data on either side: a file of terabytes that is all hole must not be read through. */
function union(segments: readonly Segment[]): Segment[] {
  const merged: Segment[] = [];
  for (const segment of [...segments].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || segment.start > last.end) merged.push(segment);
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, segment.end) };
  }
  return merged;
}

const chunks = [Buffer.allocUnsafe(1 << 20), Buffer.allocUnsafe(1 << 20)] as const;

/** Offset of the first byte that is not the same, or of the end of the shorter file. */
function firstDifference(left: number, right: number, range: Segment): number | undefined {
  for (let position = range.start; position < range.end;) {
    const length = Math.min(chunks[0].length, range.end - position);
    const ours = chunks[0].subarray(0, readSync(left, chunks[0], 0, length, position));
    const theirs = chunks[1].subarray(0, readSync(right, chunks[1], 0, length, position));
    if (!ours.equals(theirs)) {
      const index = ours.findIndex((byte, at) => byte !== theirs[at]);
      return position + (index < 0 ? ours.length : index);
    }
    if (ours.length === 0) return undefined;
    position += ours.length;
  }
  return undefined;
}

function withFile<T>(node: TreeNode, body: (fd: number) => T): T {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = openSync(node.absolute, flags);
  try {
    return body(fd);
  } finally {
    closeSync(fd);
  }
}

function showValue(value: Buffer): string {
  if (value.length <= 64) return value.toString('hex');
  return `${value.length} bytes, sha256 ${createHash('sha256').update(value).digest('hex')}`;
}

const COMPRESS_FLAG = 0x4;
const NO_COMPRESS_FLAG = 0x400;
const NO_COW_FLAG = 0x800000;

/**
 * Beside a compression property the kernel keeps the flags of compression for itself: it notes
 * NOCOMPRESS in the place of COMPRESS when data did not get smaller, which nobody can set there
 * (setting the flag replaces the property). The property stands for COMPRESS. Beside NOCOW, too:
 * a new file on a mount with nodatacow takes COMPRESS from its directory, but nobody can set both.
 */
function comparableFlags(node: TreeNode, flags: number): number {
  if ((flags & NO_COW_FLAG) !== 0) return flags & ~(COMPRESS_FLAG | NO_COMPRESS_FLAG);
  if (!listXattrs(node.absolute).includes('btrfs.compression')) return flags;
  return (flags & ~NO_COMPRESS_FLAG) | COMPRESS_FLAG;
}
