import { AddressMap } from '../../engine/inspect/address-map.ts';
import { readPastDamage } from '../../engine/rescue/read-past-damage.ts';
import { KEY, OBJECT } from '../../engine/format/constants.ts';
import {
  fileExtents,
  Inode,
  isRegular,
  readInode,
  type FileExtent,
  type Subvolume,
} from '../../engine/tree/index.ts';
import { isDamage } from '../../engine/volume/index.ts';
import type { Note } from '../../../shared/said.ts';
import { noteOfError } from '../../../shared/errors.ts';

/** A piece of a file that cannot be read from any copy. */
export interface LostPiece {
  readonly offset: number;
  readonly lengthBytes: number;
  /** What the volume has as its checksum; undefined where that is of compressed bytes. */
  readonly checksum: Buffer | undefined;
}

export interface LostRange {
  readonly offset: number;
  readonly lengthBytes: number;
  readonly reason: Note;
}

export interface FileLoss {
  readonly ranges: readonly LostRange[];
  readonly pieces: readonly LostPiece[];
}

export interface DamagedScan {
  /** Inode numbers of files that have lost something. */
  readonly damaged: number[];
  /** Those that are bad in one copy and good in another. */
  readonly mirrored: number[];
  files: number;
  bytes: number;
  unverifiedBytes: number;
  /** Where the tree itself could not be read on. */
  treeProblem: Note | null;
}

const PIECE_BYTES = 1 << 20;

/**
 * Holds all files of a subvolume against their checksums, in every copy. What several files
 * share is read once where it is good.
 * @throws Cancelled, Io when the device is gone
 */
export function scanForDamage(
  subvolume: Subvolume,
  onProgress: (scan: DamagedScan) => void,
): DamagedScan {
  const scan: DamagedScan = {
    ...{ damaged: [], mirrored: [], files: 0, bytes: 0, unverifiedBytes: 0 },
    treeProblem: null,
  };
  const good = new AddressMap();
  const buffer = subvolume.volume.allocate(PIECE_BYTES);
  try {
    const cursor = subvolume.cursor();
    for (cursor.seek(OBJECT.firstFree, 0, 0); cursor.valid; cursor.next()) {
      if (cursor.type !== KEY.inodeItem) continue;
      const inode = new Inode(cursor.node, cursor.slot);
      if (!isRegular(inode.mode)) continue;
      scan.files += 1;
      const state = checkFile(subvolume, inode, good, buffer, scan);
      if (state !== 'good') scan[state].push(inode.number);
      onProgress(scan);
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    scan.treeProblem = noteOfError(error);
  } finally {
    subvolume.volume.release(buffer);
  }
  return scan;
}

type State = 'good' | 'damaged' | 'mirrored';

function checkFile(
  subvolume: Subvolume,
  inode: Inode,
  good: AddressMap,
  buffer: Uint8Array,
  scan: DamagedScan,
): State {
  let state: State = 'good';
  for (const extent of fileExtents(subvolume, inode.number)) {
    if (extent.isInline || extent.isZeros) continue;
    const [start, length] = usedPart(extent);
    if (!inode.hasChecksums) {
      scan.unverifiedBytes += length;
      continue;
    }
    const sectors = length / subvolume.volume.sectorSize;
    if (good.get(start) >= sectors) continue;
    const found = checkRange(subvolume, start, length, buffer);
    scan.bytes += length;
    if (found === 'good') good.set(start, sectors);
    else if (state !== 'damaged') state = found;
  }
  return state;
}

function checkRange(
  { volume }: Subvolume,
  start: number,
  length: number,
  buffer: Uint8Array,
): State {
  let state: State = 'good';
  for (let done = 0; done < length; done += PIECE_BYTES) {
    try {
      const count = Math.min(PIECE_BYTES, length - done);
      const damages = volume.checkData(start + done, count, buffer);
      if (damages.some(({ healedBy }) => healedBy === undefined)) return 'damaged';
      if (damages.length > 0) state = 'mirrored';
    } catch (error) {
      if (!isDamage(error)) throw error;
      return 'damaged';
    }
  }
  return state;
}

/** Only the part of an extent that the file uses may still have checksums; compressed: all. */
function usedPart(extent: FileExtent): [start: number, length: number] {
  const { compression, diskLogical, diskLength, offset, length } = extent;
  return compression === 0 ? [diskLogical + offset, length] : [diskLogical, diskLength];
}

/** What of a file cannot be read now; undefined when all can. @throws Cancelled, Io */
export function lossOf(subvolume: Subvolume, number: number): FileLoss | undefined {
  const inode = readInode(subvolume, number);
  if (inode === undefined) return undefined;
  const ranges: LostRange[] = [];
  const onLost = (offset: number, lengthBytes: number, reason: Note): void =>
    void ranges.push({ offset, lengthBytes, reason });
  for (const piece of readPastDamage(subvolume, inode, onLost)) void piece;
  if (ranges.length === 0) return undefined;
  return { ranges, pieces: ranges.flatMap((range) => piecesOf(subvolume, inode, range)) };
}

/** By sector where the checksums say what each one was, else by extent. */
function piecesOf(subvolume: Subvolume, inode: Inode, range: LostRange): LostPiece[] {
  const { volume } = subvolume;
  const { sectorSize } = volume;
  const size = volume.checksum.sizeBytes;
  const end = range.offset + range.lengthBytes;
  const pieces: LostPiece[] = [];
  for (const extent of fileExtents(subvolume, inode.number, range.offset)) {
    if (extent.fileOffset >= end) break;
    const [from, to] = [Math.max(range.offset, extent.fileOffset), Math.min(end, extent.end)];
    if (extent.isInline || extent.compression !== 0) {
      pieces.push({ offset: from, lengthBytes: to - from, checksum: undefined });
      continue;
    }
    const logical = extent.diskLogical + extent.offset - extent.fileOffset;
    for (let at = from; at < to; at += sectorSize) {
      const sum = Buffer.alloc(size);
      const isKnown = volume.copySums(logical + at, sectorSize, sum);
      const lengthBytes = Math.min(sectorSize, to - at);
      pieces.push({ offset: at, lengthBytes, checksum: isKnown ? sum : undefined });
    }
  }
  return pieces;
}
