import { KEY, OBJECT, TREE } from '../format/constants.ts';
import { DendroError } from '../../../shared/errors.ts';
import type { FileExtent } from '../tree/index.ts';
import { fileExtents, inodePath, isRegular, readInode, type Subvolume } from '../tree/index.ts';
import { parseTreeRoot, type Damage, type TreeRoot, type Volume } from '../volume/index.ts';
import { AddressMap } from './address-map.ts';
import { ownersOfData } from './data-owners.ts';

export interface VerifyProgress {
  readonly blocks: number;
  readonly dataBytes: number;
}
export interface VerifyReport {
  /** Tree blocks that were read; with `allCopies` each counts once. */
  readonly blocks: number;
  /** File data held against checksums. */
  readonly dataBytes: number;
  /** File data that has no checksums. */
  readonly unverifiedBytes: number;
  /** Everything that was bad, up to a limit; without `healedBy` no copy is good. */
  readonly damages: readonly Damage[];
  readonly damagesLeftOut: number;
}
export interface VerifyHooks {
  readonly onProgress?: (progress: VerifyProgress) => void;
}

const DAMAGES_KEPT = 10_000;
const PIECE_BYTES = 1024 * 1024;

/**
 * Reads every tree block of every tree and all data that has checksums, each in all its
 * copies, and says what is bad. Goes on past damage.
 * @throws Io when a device is gone, Cancelled; Corrupt when the root tree itself is lost.
 */
export function verifyVolume(volume: Volume, hooks: VerifyHooks = {}): VerifyReport {
  return settled(volume, () => verifyVolumeOnce(volume, hooks));
}

function verifyVolumeOnce(volume: Volume, hooks: VerifyHooks): VerifyReport {
  const tally = new Tally(hooks);
  const seen = new AddressMap();
  for (const root of allRoots(volume)) {
    checkBlocks(volume, root.logical, root.level, root.generation, root.id, seen, tally);
  }
  const buffer = volume.allocate(PIECE_BYTES);
  try {
    for (const [logical, length] of checksummedRanges(volume, tally)) {
      for (let done = 0; done < length; done += PIECE_BYTES) {
        const size = Math.min(PIECE_BYTES, length - done);
        tally.addDamages(dataDamages(volume, logical + done, size, buffer));
        tally.addData(size);
      }
    }
  } finally {
    volume.release(buffer);
  }
  return tally.report();
}

/**
 * Reads everything that belongs to one subvolume: its tree blocks and the data of its files,
 * healing from other copies. @throws Io, Cancelled; Corrupt when the top block is lost.
 */
export function verifySubvolume(subvolume: Subvolume, hooks: VerifyHooks = {}): VerifyReport {
  return settled(subvolume.volume, () => verifySubvolumeOnce(subvolume, hooks));
}

const MAX_RUNS = 5;

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

function verifySubvolumeOnce(subvolume: Subvolume, hooks: VerifyHooks): VerifyReport {
  const { volume, root } = subvolume;
  const tally = new Tally(hooks);
  checkBlocks(volume, root.logical, root.level, root.generation, root.id, new AddressMap(), tally);
  const seen = new AddressMap();
  const buffer = volume.allocate(PIECE_BYTES);
  try {
    const cursor = subvolume.cursor();
    for (cursor.seek(OBJECT.firstFree, 0, 0); cursor.valid; cursor.next()) {
      if (cursor.type !== KEY.inodeItem) continue;
      tally.guard(() => checkFile(subvolume, cursor.objectId, seen, buffer, tally));
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
  inode: number,
  seen: AddressMap,
  buffer: Uint8Array,
  tally: Tally,
): void {
  const item = readInode(subvolume, inode);
  if (item === undefined || !isRegular(item.mode)) return;
  for (const extent of fileExtents(subvolume, inode)) {
    if (extent.isInline || extent.isZeros || seen.get(extent.diskLogical) >= 0) continue;
    seen.set(extent.diskLogical, 1);
    if (!item.hasChecksums) tally.addUnverified(extent.diskLength);
    else checkExtent(subvolume, inode, extent, buffer, tally);
  }
}

/** Only the part of the extent that the file uses may still have checksums; compressed: all. */
function checkExtent(
  subvolume: Subvolume,
  inode: number,
  extent: FileExtent,
  buffer: Uint8Array,
  tally: Tally,
): void {
  const { volume } = subvolume;
  const isPlain = extent.compression === 0;
  const start = extent.diskLogical + (isPlain ? extent.offset : 0);
  const length = isPlain ? extent.length : extent.diskLength;
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

function dataDamages(
  volume: Volume,
  logical: number,
  length: number,
  buffer: Uint8Array,
): Damage[] {
  try {
    const damages = volume.checkData(logical, length, buffer);
    return damages.map((damage) => ({ ...damage, ...ownersOfData(volume, damage.logical)[0] }));
  } catch (error) {
    return [damageOf(error, logical, length)];
  }
}

/** Depth first; each block once, however many trees share it. */
function checkBlocks(
  volume: Volume,
  logical: number,
  level: number,
  generation: number,
  owner: number,
  seen: AddressMap,
  tally: Tally,
): void {
  if (seen.get(logical) >= 0) return;
  seen.set(logical, 1);
  const expected = { level, generation, owner };
  tally.addBlock();
  tally.guard(() => {
    const damages = volume.checkNode(logical, expected);
    tally.addDamages(damages.map((damage) => ({ ...damage, tree: owner })));
    if (level === 0 || (damages.length > 0 && damages[0]!.healedBy === undefined)) return;
    const node = volume.node(logical, expected);
    for (let slot = 0; slot < node.itemCount; slot += 1) {
      const [child, written] = [node.childLogical(slot), node.childGeneration(slot)];
      checkBlocks(volume, child, level - 1, written, owner, seen, tally);
    }
  });
}

function* allRoots(volume: Volume): Generator<TreeRoot> {
  yield volume.requireRoot(TREE.chunk);
  yield volume.requireRoot(TREE.root);
  const cursor = volume.cursor(TREE.root);
  for (cursor.seek(0, 0, 0); cursor.valid; cursor.next()) {
    if (cursor.type === KEY.rootItem) yield parseTreeRoot(cursor.node, cursor.slot);
  }
}

function* checksummedRanges(volume: Volume, tally: Tally): Generator<[number, number]> {
  const root = volume.root(TREE.checksum);
  if (root === undefined) return;
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

function damageOf(error: unknown, logical: number, lengthBytes: number): Damage {
  if (!(error instanceof DendroError) || error.kind === 'Cancelled') throw error;
  const { device, physical } = error.place;
  return {
    what: 'data',
    reason: error.code,
    device: device ?? '',
    physical: physical ?? 0,
    logical,
    lengthBytes,
  };
}

class Tally {
  readonly #hooks: VerifyHooks;
  readonly #damages: Damage[] = [];
  #leftOut = 0;
  #blocks = 0;
  #dataBytes = 0;
  #unverified = 0;

  constructor(hooks: VerifyHooks) {
    this.#hooks = hooks;
  }

  addBlock(): void {
    this.#blocks += 1;
    if (this.#blocks % 256 === 0) this.#tell();
  }
  addData(bytes: number): void {
    this.#dataBytes += bytes;
    this.#tell();
  }
  addUnverified(bytes: number): void {
    this.#unverified += bytes;
  }
  addDamages(damages: readonly Damage[]): void {
    for (const damage of damages) {
      if (this.#damages.length < DAMAGES_KEPT) this.#damages.push(damage);
      else this.#leftOut += 1;
    }
  }
  addError(error: unknown): void {
    this.addDamages([{ ...damageOf(error, 0, 0), what: 'metadata', ...placeOf(error) }]);
  }
  /** Damage is written down, and the walk goes on. */
  guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.addError(error);
    }
  }
  report(): VerifyReport {
    return {
      blocks: this.#blocks,
      dataBytes: this.#dataBytes,
      unverifiedBytes: this.#unverified,
      damages: this.#damages,
      damagesLeftOut: this.#leftOut,
    };
  }

  #tell(): void {
    this.#hooks.onProgress?.({ blocks: this.#blocks, dataBytes: this.#dataBytes });
  }
}

function placeOf(error: unknown): { logical: number; tree?: number } {
  const place = error instanceof DendroError ? error.place : {};
  return { logical: place.logical ?? 0, ...(place.tree !== undefined && { tree: place.tree }) };
}
