import { corrupt, unsupported, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { COMPRESSION, EXTENT_TYPE, KEY } from '../format/constants.ts';
import { FILE_EXTENT } from '../format/layouts.ts';
import { readSectors, readU64 } from '../format/numbers.ts';
import { MAX_COMPRESSED_EXTENT, type Cursor, type Node, type TreeRoot } from '../volume/index.ts';
import { attempt, pastBadBlocks } from './past-bad-blocks.ts';
import type { Subvolume } from './subvolume.ts';

const { at } = FILE_EXTENT;
const INLINE_START = at.diskLogical;
/** Longer extents are not made (kernel: BTRFS_MAX_EXTENT_SIZE), merged or preallocated alike; holes are. */
const MAX_EXTENT = 2 ** 40;
/** No file is longer (MAX_LFS_FILESIZE is a byte less); numbers are exact for whole sectors. */
const END_OF_FILES = 2 ** 63;

/**
 * A file extent item (`btrfs_file_extent_item`), as fields that `parseFileExtent` fills: one
 * object serves a whole walk.
 */
export class FileExtent {
  /** Where it stands in the file. */
  fileOffset = 0;
  /** Bytes of the file that it covers. */
  length = 0;
  /** EXTENT_TYPE. */
  type = 0;
  /** COMPRESSION. */
  compression = 0;
  generation = 0;
  /** The whole extent, decompressed. */
  ramBytes = 0;
  /** The whole extent on disk; 0 for a hole. Not for inline ones. */
  diskLogical = 0;
  diskLength = 0;
  /** Where in the decompressed extent the file's range begins. */
  offset = 0;
  /** Inline: the data, compressed or not, is `node.bytes` from here. */
  node: Node | undefined;
  inlineStart = 0;
  inlineLength = 0;
  /** Of the cursor that found it: an address is good as long as the tree has this root. */
  root: TreeRoot | undefined;

  get isInline(): boolean {
    return this.type === EXTENT_TYPE.inline;
  }
  get isPrealloc(): boolean {
    return this.type === EXTENT_TYPE.prealloc;
  }
  /** An explicit hole, as filesystems without no-holes keep them. */
  get isHole(): boolean {
    return this.type !== EXTENT_TYPE.inline && this.diskLogical === 0;
  }
  /** Reads as zeros: a hole or preallocated. */
  get isZeros(): boolean {
    return this.isHole || this.isPrealloc;
  }
  get end(): number {
    return this.fileOffset + this.length;
  }

  copyFrom(other: FileExtent): this {
    return Object.assign(this, other);
  }
}

/**
 * Fills `into` from the EXTENT_DATA item at the cursor. Allocates nothing.
 * @throws Corrupt `file-extent-damaged`, Unsupported.
 */
export function parseFileExtent(cursor: Cursor, into: FileExtent, sectorSize: number): void {
  const { node, slot } = cursor;
  const { view, bytes } = node;
  const start = node.dataStart(slot);
  const size = node.dataSize(slot);
  if (size < INLINE_START) throw bad(node, slot, 'too short');
  into.root = cursor.root;
  into.fileOffset = node.fileOffset(slot);
  into.generation = readU64(view, start + at.generation);
  into.ramBytes = readSectors(view, start + at.ramBytes);
  into.compression = bytes[start + at.compression]!;
  into.type = bytes[start + at.type]!;
  if (into.compression > COMPRESSION.zstd) throw unknown(node, slot, 'compression');
  if (bytes[start + at.encryption] !== 0) throw unknown(node, slot, 'encryption');
  if (view.getUint16(start + at.otherEncoding, true) !== 0) throw unknown(node, slot, 'encoding');
  if (into.type === EXTENT_TYPE.inline) fillInline(into, node, slot, start, size);
  else fillRegular(into, node, slot, start, size, sectorSize);
}

function fillInline(into: FileExtent, node: Node, slot: number, start: number, size: number): void {
  into.node = node;
  into.inlineStart = start + INLINE_START;
  into.inlineLength = size - INLINE_START;
  into.diskLogical = into.diskLength = into.offset = 0;
  into.length = into.compression === COMPRESSION.none ? into.inlineLength : into.ramBytes;
  if (into.fileOffset !== 0) throw bad(node, slot, 'inline and not at the start');
  if (into.ramBytes < 0 || into.ramBytes > MAX_COMPRESSED_EXTENT) {
    throw bad(node, slot, 'inline and too long');
  }
}

function fillRegular(
  into: FileExtent,
  node: Node,
  slot: number,
  start: number,
  size: number,
  sectorSize: number,
): void {
  const { view } = node;
  if (into.type > EXTENT_TYPE.prealloc) throw unknown(node, slot, 'type');
  if (size !== FILE_EXTENT.size) throw bad(node, slot, 'of a wrong size');
  into.node = undefined;
  into.diskLogical = readU64(view, start + at.diskLogical);
  into.diskLength = readU64(view, start + at.diskLength);
  into.offset = readU64(view, start + at.offset);
  into.length = readSectors(view, start + at.length);
  const fault = faultOf(into, sectorSize);
  if (fault !== undefined) throw bad(node, slot, fault);
}

function faultOf(extent: FileExtent, sectorSize: number): string | undefined {
  const { fileOffset, length, offset, diskLogical, diskLength, ramBytes } = extent;
  const numbers = [fileOffset, length, offset, diskLogical, diskLength];
  if (numbers.some((value) => value % sectorSize !== 0 || value < 0)) return 'not aligned';
  if (length <= 0) return 'of a wrong length';
  if (fileOffset + length > END_OF_FILES) return 'past the end of all files';
  if (diskLogical === 0) return undefined;
  if (length > MAX_EXTENT || diskLength > MAX_EXTENT) return 'of a wrong length';
  if (extent.compression === COMPRESSION.none) {
    return offset + length > diskLength ? 'longer than its data' : undefined;
  }
  if (ramBytes > MAX_COMPRESSED_EXTENT || diskLength > MAX_COMPRESSED_EXTENT) {
    return 'compressed and too long';
  }
  return offset + length > ramBytes ? 'longer than its data' : undefined;
}

/**
 * The extents of a file from `from` on, in order, each time the same object; what lies
 * between them are holes. Extents that overlap are refused.
 */
export function* fileExtents(
  subvolume: Subvolume,
  inode: number,
  from = 0,
): Generator<FileExtent, void> {
  const { sectorSize } = subvolume.volume;
  const cursor = subvolume.cursor().within(inode, KEY.extentData);
  const extent = new FileExtent();
  let end = 0;
  for (seekExtent(cursor, inode, from); isExtentOf(cursor, inode); cursor.next()) {
    parseFileExtent(cursor, extent, sectorSize);
    if (extent.fileOffset < end) throw bad(cursor.node, cursor.slot, 'overlapping another');
    end = extent.end;
    if (end > from) yield extent;
  }
}

/**
 * All that can be read of them, past blocks and items that are bad.
 * @param onLost told of the bytes between the extents around those, which may have been data;
 * up to Infinity where none comes behind them.
 */
export function* fileExtentsPastDamage(
  subvolume: Subvolume,
  inode: number,
  onLost: (from: number, to: number, error: DendroError) => void,
): Generator<FileExtent, void> {
  const { sectorSize } = subvolume.volume;
  const cursor = subvolume.cursor().within(inode, KEY.extentData);
  const extent = new FileExtent();
  let lost: DendroError | undefined;
  let end = 0;
  const onDamage = (error: DendroError): void => void (lost ??= error);
  const parse = (): boolean => {
    parseFileExtent(cursor, extent, sectorSize);
    if (extent.fileOffset >= end) return true;
    throw bad(cursor.node, cursor.slot, 'overlapping another');
  };
  pastBadBlocks(cursor, () => cursor.seek(inode, KEY.extentData, 0), onDamage);
  while (attempt(() => isExtentOf(cursor, inode), false, onDamage)) {
    if (attempt(parse, false, onDamage)) {
      if (lost !== undefined && end < extent.fileOffset) onLost(end, extent.fileOffset, lost);
      lost = undefined;
      end = extent.end;
      yield extent;
    }
    pastBadBlocks(cursor, () => cursor.next(), onDamage);
  }
  if (lost !== undefined) onLost(end, Infinity, lost);
}

/** To the extent that covers `from`, or the first one after it. */
export function seekExtent(cursor: Cursor, inode: number, from: number): boolean {
  const isBefore = cursor.seekLast(inode, KEY.extentData, from) && isExtentOf(cursor, inode);
  if (isBefore) return true;
  return cursor.seek(inode, KEY.extentData, from) && isExtentOf(cursor, inode);
}

export function isExtentOf(cursor: Cursor, inode: number): boolean {
  return cursor.valid && cursor.objectId === inode && cursor.type === KEY.extentData;
}

function bad(node: Node, slot: number, why: string): DendroError {
  const text = say`A file extent of inode ${{ inode: node.objectId(slot) }} is damaged: it is ${{ why }}.`;
  return corrupt('file-extent-damaged', text, {
    place: { tree: node.owner, logical: node.logical },
  });
}

function unknown(node: Node, slot: number, what: string): DendroError {
  const text = say`Inode ${{ inode: node.objectId(slot) }} has an extent of an unknown ${{ what }}.`;
  return unsupported('unknown-extent', text, {
    hint: 'A newer version of Dendro may read it.',
    place: { tree: node.owner, logical: node.logical, inode: node.objectId(slot) },
  });
}
