import {
  fileExtents,
  readInode,
  readStored,
  type FileExtent,
  type Subvolume,
} from '../tree/index.ts';
import { fileChecksums } from './file-checksums.ts';
import { sameBytes, type Stretch } from './same-bytes.ts';

/** A file of a subvolume. */
export interface FileIn {
  readonly subvolume: Subvolume;
  readonly inode: number;
}

/** As short a checksum as this may be the same for other bytes, once in some 4 billion blocks. */
const SHORT_CHECKSUM_BYTES = 4;

/**
 * Whether two files of one size hold the same bytes: by where their extents lie, else by the
 * filesystems' checksums, and only where neither says it for certain by reading both.
 *
 * @param onRead called when they have to be read
 * @throws Corrupt, Io
 */
export function sameContent(a: FileIn, b: FileIn, onRead: () => void = () => {}): boolean {
  if (a.subvolume.volume === b.subvolume.volume && haveSameExtents(a, b)) return true;
  const byChecksums = compareChecksums(a, b);
  if (byChecksums === 'different') return false;
  if (byChecksums === 'same' && isSurelySame(a, b)) return true;
  onRead();
  return sameWhenRead(a, b);
}

/** Whether two files of one size hold the same bytes, by reading both; holes are gone over at once. */
export function sameWhenRead(a: FileIn, b: FileIn): boolean {
  return sameBytes(stretchesOf(a), stretchesOf(b));
}

/** The same in one range of both. */
export function sameRange(a: FileIn, b: FileIn, start: number, end: number): boolean {
  return sameBytes(stretchesOf(a, start, end - start), stretchesOf(b, start, end - start));
}

function stretchesOf({ subvolume, inode }: FileIn, from = 0, length?: number): Iterable<Stretch> {
  return readStored(subvolume, inode, from, length);
}

function haveSameExtents(a: FileIn, b: FileIn): boolean {
  const [left, right] = [a, b].map(({ subvolume, inode }) => fileExtents(subvolume, inode));
  for (;;) {
    const [one, two] = [left!.next().value, right!.next().value];
    if (!one || !two) return one === two;
    if (!isSameExtent(one, two)) return false;
  }
}

/** Inline data is in the tree, and compared by reading. */
function isSameExtent(a: FileExtent, b: FileExtent): boolean {
  if (a.isInline || b.isInline || a.isZeros !== b.isZeros) return false;
  if (a.fileOffset !== b.fileOffset || a.length !== b.length) return false;
  return a.isZeros || (a.diskLogical === b.diskLogical && a.offset === b.offset);
}

/** By the filesystems' checksums alone. */
export function compareChecksums(a: FileIn, b: FileIn): 'same' | 'different' | 'unknown' {
  const [left, right] = [a.subvolume.volume, b.subvolume.volume];
  if (left.checksum.name !== right.checksum.name || left.sectorSize !== right.sectorSize)
    return 'unknown';
  const ours = fileChecksums(a.subvolume, a.inode);
  const theirs = ours && fileChecksums(b.subvolume, b.inode);
  if (!ours || !theirs) return 'unknown';
  if (ours.equals(theirs)) return 'same';
  // What stands behind a file's end in its last block is covered by a checksum, and no content.
  const whole = Math.max(0, ours.length - left.checksum.sizeBytes);
  return ours.subarray(0, whole).equals(theirs.subarray(0, whole)) ? 'unknown' : 'different';
}

/** A file that keeps its time and all of its checksums was not written to. */
function isSurelySame(a: FileIn, b: FileIn): boolean {
  if (a.subvolume.volume.checksum.sizeBytes > SHORT_CHECKSUM_BYTES) return true;
  const [left, right] = [a, b].map(({ subvolume, inode }) => readInode(subvolume, inode)?.mtime);
  return left?.seconds === right?.seconds && left?.nanoseconds === right?.nanoseconds;
}
