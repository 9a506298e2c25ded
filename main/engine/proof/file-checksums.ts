import { KEY, OBJECT, TREE } from '../format/constants.ts';
import { fileExtents, readInode, type FileExtent, type Subvolume } from '../tree/index.ts';

/**
 * The checksums of a file's content as the filesystem keeps them, one a sector from the file's
 * start; a hole counts as zeros. Undefined where they do not say what the content is: compressed,
 * inline or without checksums. (Checksum items: `linux/btrfs_tree.h`, EXTENT_CSUM.)
 */
export function fileChecksums(subvolume: Subvolume, inode: number): Buffer | undefined {
  const item = readInode(subvolume, inode);
  if (item === undefined || !item.hasChecksums) return undefined;
  const { sectorSize, checksum } = subvolume.volume;
  const sectors = Math.ceil(item.size / sectorSize);
  const size = checksum.sizeBytes;
  if (sectors * size > MAX_BYTES) return undefined;
  const zeros = Buffer.from(checksum.compute(new Uint8Array(sectorSize)).subarray(0, size));
  const out = Buffer.alloc(sectors * size, zeros);
  for (const extent of fileExtents(subvolume, inode)) {
    if (extent.isZeros) continue;
    if (extent.isInline || extent.compression !== 0) return undefined;
    if (!copyChecksums(subvolume, extent, out)) return undefined;
  }
  return out;
}

/** 256 MiB of crc32c stand for 256 GiB of file; beyond that the content is read. */
const MAX_BYTES = 256 << 20;

/** False when a sector has none. */
function copyChecksums({ volume }: Subvolume, extent: FileExtent, out: Buffer): boolean {
  const { sectorSize } = volume;
  const size = volume.checksum.sizeBytes;
  const cursor = volume.cursor(TREE.checksum);
  const start = extent.diskLogical + extent.offset;
  const first = extent.fileOffset / sectorSize;
  // One may lie behind the file's end, as it may after a crash.
  const count = Math.min(Math.ceil(extent.length / sectorSize), out.length / size - first);
  for (let done = 0; done < count;) {
    const logical = start + done * sectorSize;
    if (!seekItem(cursor, logical)) return false;
    const { node, slot } = cursor;
    const from = (logical - node.offset(slot)) / sectorSize;
    const here = Math.min(count - done, Math.floor(node.dataSize(slot) / size) - from);
    if (here <= 0) return false;
    const at = node.dataStart(slot) + from * size;
    out.set(node.bytes.subarray(at, at + here * size), (first + done) * size);
    done += here;
  }
  return true;
}

/** The item that begins at or before `logical`. */
function seekItem(cursor: ReturnType<Subvolume['cursor']>, logical: number): boolean {
  if (!cursor.seekLast(OBJECT.checksum, KEY.extentCsum, logical)) return false;
  return cursor.objectId === OBJECT.checksum && cursor.type === KEY.extentCsum;
}
