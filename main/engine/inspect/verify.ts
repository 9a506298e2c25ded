import { INODE_FLAG, KEY, OBJECT, TREE } from '../format/constants.ts';
import type { FileExtent } from '../tree/index.ts';
import {
  fileExtents,
  Inode,
  inodePath,
  isRegular,
  listSubvolumes,
  openSubvolume,
  type Subvolume,
} from '../tree/index.ts';
import type { Damage, Volume } from '../volume/index.ts';
import { AddressMap } from './address-map.ts';
import { ownersOfData } from './data-owners.ts';
import { allRoots, checkBlocks, checkSuperblocks } from './verify-blocks.ts';
import { damageOf, Tally, type VerifyHooks, type VerifyReport } from './verify-tally.ts';

const PIECE_BYTES = 1024 * 1024;
const MAX_RUNS = 5;

/**
 * Reads every superblock, every tree block of every tree and all data that has checksums, each
 * in all its copies, and says what is bad. Goes on past damage.
 * @throws Io when a device is gone, Cancelled; Corrupt when the root tree itself is lost.
 */
export function verifyVolume(volume: Volume, hooks: VerifyHooks = {}): VerifyReport {
  return settled(volume, () => verifyVolumeOnce(volume, hooks));
}

/**
 * Reads everything that belongs to one subvolume, in all its copies: its tree blocks and the
 * data of its files. @throws Io, Cancelled; Corrupt when the top block is lost.
 */
export function verifySubvolume(subvolume: Subvolume, hooks: VerifyHooks = {}): VerifyReport {
  return settled(subvolume.volume, () => verifySubvolumeOnce(subvolume, hooks));
}

/**
 * On a volume that is written to, a bad place may just have been used again: then once more
 * at the newer generation. What still is bad after the last run is marked as uncertain.
 */
function settled(volume: Volume, run: () => VerifyReport): VerifyReport {
  for (let runs = 1; ; runs += 1) {
    const report = run();
    if (report.damages.length === 0 || !volume.refresh()) return report;
    if (runs === MAX_RUNS) {
      const damages = report.damages.map((damage) => ({ ...damage, uncertain: true }));
      return { ...report, damages };
    }
  }
}

function verifyVolumeOnce(volume: Volume, hooks: VerifyHooks): VerifyReport {
  const tally = new Tally(volume, hooks);
  const seen = new AddressMap();
  checkSuperblocks(volume, tally);
  for (const root of allRoots(volume, tally)) checkBlocks(volume, root, seen, tally);
  countUnverified(volume, tally);
  const buffer = volume.allocate(PIECE_BYTES);
  try {
    for (const [logical, length] of checksummedRanges(volume, tally)) {
      for (let done = 0; done < length; done += PIECE_BYTES) {
        const size = Math.min(PIECE_BYTES, length - done);
        tally.addDamages(ownedDamages(volume, logical + done, size, buffer));
        tally.addData(size);
      }
    }
  } finally {
    volume.release(buffer);
  }
  return tally.report();
}

/** Data that has no checksums, in all subvolumes, each extent once. */
function countUnverified(volume: Volume, tally: Tally): void {
  const seen = new AddressMap();
  const blocks = new AddressMap();
  for (const info of listSubvolumes(volume, true)) {
    tally.guard(() => {
      const subvolume = openSubvolume(volume, info);
      const cursor = subvolume.cursor();
      for (cursor.seek(OBJECT.firstFree, 0, 0); cursor.valid; cursor.nextLeaf()) {
        const { node } = cursor;
        if (blocks.get(node.logical) >= 0) continue; // shared with one that was looked at
        blocks.set(node.logical, 1);
        for (let slot = 0; slot < node.itemCount; slot += 1) {
          if (node.type(slot) !== KEY.inodeItem) continue;
          const inode = new Inode(node, slot);
          if ((inode.flags & INODE_FLAG.nodatasum) === 0 || !isRegular(inode.mode)) continue;
          for (const extent of storedExtents(subvolume, inode.number, seen)) {
            tally.addUnverified(usedBytes(extent));
          }
        }
      }
    });
  }
}

function verifySubvolumeOnce(subvolume: Subvolume, hooks: VerifyHooks): VerifyReport {
  const { volume, root } = subvolume;
  const tally = new Tally(volume, hooks);
  checkBlocks(volume, root, new AddressMap(), tally);
  const seen = new AddressMap();
  const buffer = volume.allocate(PIECE_BYTES);
  try {
    const cursor = subvolume.cursor();
    for (cursor.seek(OBJECT.firstFree, 0, 0); cursor.valid; cursor.next()) {
      if (cursor.type !== KEY.inodeItem) continue;
      tally.guard(() => {
        checkFile(subvolume, new Inode(cursor.node, cursor.slot), seen, buffer, tally);
      });
    }
  } catch (error) {
    tally.addError(error);
  } finally {
    volume.release(buffer);
  }
  return tally.report();
}

function checkFile(
  subvolume: Subvolume,
  inode: Inode,
  seen: AddressMap,
  buffer: Uint8Array,
  tally: Tally,
): void {
  if (!isRegular(inode.mode)) return;
  for (const extent of storedExtents(subvolume, inode.number, seen)) {
    if (!inode.hasChecksums) tally.addUnverified(usedBytes(extent));
    else checkExtent(subvolume, inode.number, extent, buffer, tally);
  }
}

/** The extents of a file that have data on disk, unless the same part was seen before. */
function* storedExtents(
  subvolume: Subvolume,
  inode: number,
  seen: AddressMap,
): Generator<FileExtent> {
  for (const extent of fileExtents(subvolume, inode)) {
    if (extent.isInline || extent.isZeros) continue;
    const start = usedFrom(extent);
    const sectors = usedBytes(extent) / subvolume.volume.sectorSize;
    // of parts of one extent that begin together, a longer one is looked at again
    if (seen.get(start) >= sectors) continue;
    seen.set(start, sectors);
    yield extent;
  }
}

/** Only the part of the extent that the file uses may still have checksums; compressed: all. */
function usedFrom({ compression, diskLogical, offset }: FileExtent): number {
  return compression === 0 ? diskLogical + offset : diskLogical;
}

function usedBytes({ compression, length, diskLength }: FileExtent): number {
  return compression === 0 ? length : diskLength;
}

function checkExtent(
  subvolume: Subvolume,
  inode: number,
  extent: FileExtent,
  buffer: Uint8Array,
  tally: Tally,
): void {
  const { volume } = subvolume;
  const isPlain = extent.compression === 0;
  const [start, length] = [usedFrom(extent), usedBytes(extent)];
  for (let done = 0; done < length; done += PIECE_BYTES) {
    const size = Math.min(PIECE_BYTES, length - done);
    const damages = dataDamages(volume, start + done, size, buffer);
    tally.addDamages(
      damages.map((damage) => ({
        ...damage,
        tree: subvolume.id,
        inode,
        path: inodePath(subvolume, inode),
        offset: extent.fileOffset + (isPlain ? damage.logical - start : 0),
      })),
    );
    tally.addData(size);
  }
}

function ownedDamages(
  volume: Volume,
  logical: number,
  length: number,
  buffer: Uint8Array,
): Damage[] {
  return dataDamages(volume, logical, length, buffer).map((damage) => ({
    ...damage,
    ...ownersOfData(volume, damage.logical)[0],
  }));
}

function dataDamages(
  volume: Volume,
  logical: number,
  length: number,
  buffer: Uint8Array,
): Damage[] {
  try {
    return volume.checkData(logical, length, buffer);
  } catch (error) {
    return [damageOf(error, logical, length)];
  }
}

function* checksummedRanges(volume: Volume, tally: Tally): Generator<[number, number]> {
  if (volume.root(TREE.checksum) === undefined) return;
  const perSector = volume.sectorSize / volume.checksum.sizeBytes;
  try {
    const cursor = volume.cursor(TREE.checksum);
    cursor.seek(OBJECT.checksum, KEY.extentCsum, 0);
    for (; cursor.valid && cursor.type === KEY.extentCsum; cursor.next()) {
      yield [cursor.offset, Math.floor(cursor.dataSize * perSector)];
    }
  } catch (error) {
    tally.addError(error);
  }
}
