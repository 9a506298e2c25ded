import {
  fileExtents,
  inodeNames,
  inodePath,
  joinPath,
  readInode,
  readXattrs,
  type Inode,
  type Subvolume,
} from '../tree/index.ts';
import { EXTENT_TYPE } from '../format/constants.ts';

export interface ExtentFacts {
  readonly fileOffset: number;
  readonly lengthBytes: number;
  readonly kind: 'inline' | 'data' | 'preallocated' | 'hole';
  /** COMPRESSION. */
  readonly compression: number;
  readonly diskLogical: number;
  readonly diskLengthBytes: number;
}
export interface InodeFacts {
  readonly inode: Inode;
  /** Every name, as a path from the subvolume's top. */
  readonly paths: readonly Uint8Array[];
  readonly xattrs: readonly { readonly name: Uint8Array; readonly value: Uint8Array }[];
  readonly extents: readonly ExtentFacts[];
  /** Extents left out past the limit. */
  readonly extentsLeftOut: number;
}

const EXTENTS_SHOWN = 10_000;

/** Everything that the tree says of an inode; undefined when there is none. @throws Corrupt, Io. */
export function statInode(subvolume: Subvolume, number: number): InodeFacts | undefined {
  const inode = readInode(subvolume, number);
  if (inode === undefined) return undefined;
  const paths = inodeNames(subvolume, number).flatMap(({ parent, name }) => {
    const directory = number === subvolume.rootInode ? undefined : inodePath(subvolume, parent);
    return directory === undefined ? [] : [joinPath(directory, name)];
  });
  const extents: ExtentFacts[] = [];
  let count = 0;
  for (const extent of fileExtents(subvolume, number)) {
    count += 1;
    if (extents.length >= EXTENTS_SHOWN) continue;
    const { fileOffset, length, type, compression, diskLogical, diskLength } = extent;
    extents.push({
      fileOffset,
      lengthBytes: length,
      kind: extent.isHole ? 'hole' : kinds[type]!,
      compression,
      diskLogical,
      diskLengthBytes: diskLength,
    });
  }
  const xattrs = readXattrs(subvolume, number);
  return { inode, paths, xattrs, extents, extentsLeftOut: count - extents.length };
}

const kinds: Readonly<Record<number, 'inline' | 'data' | 'preallocated'>> = {
  [EXTENT_TYPE.inline]: 'inline',
  [EXTENT_TYPE.regular]: 'data',
  [EXTENT_TYPE.prealloc]: 'preallocated',
};
