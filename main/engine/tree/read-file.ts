import { conflict, corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { fileExtents } from './file-extent.ts';
import { FileReader } from './file-reader.ts';
import { readAhead } from './read-ahead.ts';
import { readInode } from './inode.ts';
import type { Subvolume } from './subvolume.ts';

export interface FileChunk {
  readonly offset: number;
  /** Borrowed until the next chunk. */
  readonly data: Uint8Array;
  /** False: there are no checksums for it (nodatasum). */
  readonly isVerified: boolean;
  /** Nothing is stored: `data` is zeros. */
  readonly isHole: boolean;
}

const CHUNK_BYTES = 1024 * 1024;
const zeros = new Uint8Array(CHUNK_BYTES);
/** The longest target that the kernel makes (PATH_MAX); a longer one is damage. */
const MAX_SYMLINK = 4096;

/**
 * A file's bytes from `offset`, in order, to its end or for `length` bytes.
 * @throws Conflict `no-such-inode`, Corrupt, Io, Cancelled.
 */
export function readFile(
  subvolume: Subvolume,
  inode: number,
  offset = 0,
  length = Number.MAX_SAFE_INTEGER,
): Generator<FileChunk, void> {
  return readChunks(subvolume, inode, offset, length, holes);
}

/** The same without its holes, which may be petabytes long: what lies between chunks is zeros. */
export function readStored(
  subvolume: Subvolume,
  inode: number,
  offset = 0,
  length = Number.MAX_SAFE_INTEGER,
): Generator<FileChunk, void> {
  return readChunks(subvolume, inode, offset, length, () => []);
}

function* readChunks(
  subvolume: Subvolume,
  inode: number,
  offset: number,
  length: number,
  holes: (from: number, to: number) => Iterable<FileChunk>,
): Generator<FileChunk, void> {
  const item = readInode(subvolume, inode);
  if (item === undefined) {
    throw conflict('no-such-inode', say`There is no inode ${{ inode }}.`, {
      place: { tree: subvolume.id },
    });
  }
  const end = Math.min(item.size, offset + length);
  const { hasChecksums } = item;
  const { volume } = subvolume;
  const reader = new FileReader(subvolume);
  const buffer = volume.allocate(CHUNK_BYTES);
  let at = offset;
  try {
    for (const extent of fileExtents(subvolume, inode, offset)) {
      if (extent.fileOffset >= end) break;
      yield* holes(at, Math.min(extent.fileOffset, end));
      at = Math.max(at, extent.fileOffset);
      const stop = Math.min(extent.end, end);
      if (extent.isZeros) yield* holes(at, stop);
      else {
        at = yield* readAhead(reader, inode, extent, at, stop, hasChecksums);
        for (let count; at < stop; at += count) {
          count = Math.min(CHUNK_BYTES, stop - at);
          const from = at - extent.fileOffset;
          const check = reader.readExtent(inode, extent, from, count, buffer, 0, hasChecksums);
          const isVerified = check === 'verified';
          yield { offset: at, data: buffer.subarray(0, count), isVerified, isHole: false };
        }
      }
      at = Math.max(at, stop);
    }
    yield* holes(at, end);
  } finally {
    reader.close();
    volume.release(buffer);
  }
}

function* holes(from: number, to: number): Generator<FileChunk> {
  for (let at = from; at < to; at += CHUNK_BYTES) {
    const data = zeros.subarray(0, Math.min(CHUNK_BYTES, to - at));
    yield { offset: at, data, isVerified: true, isHole: true };
  }
}

/** A symlink's target. @throws Corrupt `symlink-damaged`. */
export function readSymlink(subvolume: Subvolume, inode: number): Uint8Array {
  const size = readInode(subvolume, inode)?.size ?? 0;
  if (size === 0 || size > MAX_SYMLINK) {
    throw corrupt(
      'symlink-damaged',
      say`The symlink with inode ${{ inode }} has an impossible target.`,
      {
        place: { tree: subvolume.id },
      },
    );
  }
  const target = new Uint8Array(size);
  for (const { offset, data } of readFile(subvolume, inode)) target.set(data, offset);
  return target;
}
