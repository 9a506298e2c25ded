import { corrupt, DendroError, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { allocateAligned, releaseAligned, type Device } from '../device/index.ts';
import {
  MAX_LEVEL,
  MAX_NODE_SIZE,
  SUPERBLOCK_OFFSETS,
  SUPERBLOCK_SIZE,
} from '../format/constants.ts';
import {
  BACKUP_ROOT,
  DEVICE_ITEM,
  SUPERBLOCK,
  type BackupRoot,
  type DeviceItem,
} from '../format/layouts.ts';
import type { Read } from '../format/struct.ts';
import { checksumOf } from './checksum.ts';
import { FEATURE_METADATA_UUID, hasFeature, refuseUnreadable } from './features.ts';

/**
 * ```
 * 0    32  48     56    64    72         80   88         ...  201     299   811          2859
 * csum fsid offset flags magic generation root chunk root ... device  label chunk array  backups
 * ```
 * 4,096 bytes at 64 KiB, with copies at 64 MiB and 256 GiB (btrfs documentation, on-disk format).
 */
export interface Superblock extends Omit<
  Read<typeof SUPERBLOCK>,
  'device' | 'backupRoots' | 'label'
> {
  readonly device: DeviceItem;
  readonly backupRoots: readonly BackupRoot[];
  readonly label: string;
  /** What tree blocks carry as fsid: `metadataUuid` where that feature is on. */
  readonly blockFsid: Uint8Array;
  /** Which copy it is: 0 is the one at 64 KiB. */
  readonly copy: number;
}
export interface SuperblockChoice {
  readonly superblock: Superblock;
  /** Copies that were there and bad. */
  readonly damaged: readonly { copy: number; physical: number; error: DendroError }[];
}

const MAGIC = new TextEncoder().encode('_BHRfS_M');

/**
 * The valid superblock of a device with the highest generation.
 * @param copies how many of the three places to look at: scanning looks at the first only.
 * @throws Usage `not-btrfs`, Corrupt `superblock-damaged`, Unsupported, Io.
 */
export function readSuperblock(device: Device, copies = 3): SuperblockChoice {
  const damaged: { copy: number; physical: number; error: DendroError }[] = [];
  let best: Superblock | undefined;
  for (let copy = 0; copy < copies; copy += 1) {
    const physical = SUPERBLOCK_OFFSETS[copy]!;
    if (physical + SUPERBLOCK_SIZE > device.sizeBytes) break;
    try {
      const found = readSuperblockAt(device, copy);
      if (best === undefined || isNewer(found, best)) best = found;
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind === 'Bug') throw error;
      if (error.kind === 'Unsupported' && copy === 0) throw error;
      damaged.push({ copy, physical, error });
    }
  }
  if (best !== undefined) {
    const { totalBytes } = best.device; // of a filesystem smaller than its device
    const isWritten = ({ physical }: { physical: number }): boolean =>
      physical + SUPERBLOCK_SIZE <= totalBytes;
    return { superblock: best, damaged: damaged.filter(isWritten) };
  }
  const telling = damaged.find(({ error }) => error.code !== 'not-btrfs') ?? damaged[0];
  throw telling?.error ?? notBtrfs(device.name);
}

/** One copy of the superblock, checked in everything. */
export function readSuperblockAt(device: Device, copy: number): Superblock {
  const physical = SUPERBLOCK_OFFSETS[copy]!;
  const buffer = allocateAligned(SUPERBLOCK_SIZE);
  try {
    device.read(physical, SUPERBLOCK_SIZE, buffer, 0);
    return parseSuperblock(Uint8Array.from(buffer), device.name, copy);
  } finally {
    releaseAligned(buffer);
  }
}

/** Checks in order: magic, checksum, features, then the numbers that everything hangs on. */
export function parseSuperblock(bytes: Uint8Array, device: string, copy: number): Superblock {
  const physical = SUPERBLOCK_OFFSETS[copy]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, SUPERBLOCK_SIZE);
  const { at } = SUPERBLOCK;
  if (MAGIC.some((byte, i) => bytes[at.magic + i] !== byte)) throw notBtrfs(device);
  const checksum = checksumOf(view.getUint16(at.checksumType, true));
  if (!checksum.matches(bytes.subarray(32, SUPERBLOCK_SIZE), bytes, 0)) {
    throw damaged(device, physical, 'its checksum does not match');
  }
  refuseUnreadable(
    view.getBigUint64(at.incompatFlags, true),
    view.getBigUint64(at.flags, true),
    device,
  );
  const raw = SUPERBLOCK.read(view, 0);
  const fault = faultOf(raw, physical);
  if (fault !== undefined) throw damaged(device, physical, fault);
  return {
    ...raw,
    device: DEVICE_ITEM.read(view, at.device),
    backupRoots: readBackupRoots(view),
    label: labelOf(raw.label),
    blockFsid: hasFeature(raw.incompatFlags, FEATURE_METADATA_UUID) ? raw.metadataUuid : raw.fsid,
    copy,
  };
}

function faultOf(raw: Read<typeof SUPERBLOCK>, physical: number): string | undefined {
  const { sectorSize, nodeSize } = raw;
  if (raw.physical !== physical) return `it says it belongs at ${raw.physical}`;
  if (!isSize(sectorSize)) return `its sector size is ${sectorSize}`;
  if (!isSize(nodeSize) || nodeSize < sectorSize) return `its node size is ${nodeSize}`;
  if (raw.systemChunksSize > 2048) return 'its chunk array is too long';
  if (Math.max(raw.rootLevel, raw.chunkRootLevel, raw.logRootLevel) > MAX_LEVEL) {
    return 'a tree in it is too deep';
  }
  if (raw.root % sectorSize !== 0 || raw.chunkRoot % sectorSize !== 0) {
    return 'a root in it is not aligned';
  }
  if (raw.generation < 0 || raw.chunkRootGeneration < 0 || raw.deviceCount < 1) {
    return 'a number in it is out of range';
  }
  return undefined;
}

function isSize(size: number): boolean {
  return size >= 4096 && size <= MAX_NODE_SIZE && (size & (size - 1)) === 0;
}

function readBackupRoots(view: DataView): BackupRoot[] {
  const roots: BackupRoot[] = [];
  for (let i = 0; i < 4; i += 1) {
    try {
      roots.push(BACKUP_ROOT.read(view, SUPERBLOCK.at.backupRoots + i * BACKUP_ROOT.size));
    } catch (error) {
      if (!(error instanceof DendroError)) throw error; // an absurd backup is no backup
    }
  }
  return roots;
}

/** A copy of another filesystem that lived here before never wins over the first place. */
function isNewer(candidate: Superblock, best: Superblock): boolean {
  return candidate.generation > best.generation && Buffer.compare(candidate.fsid, best.fsid) === 0;
}

function labelOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
}

function notBtrfs(device: string): DendroError {
  return usage('not-btrfs', say`There is no btrfs filesystem on ${{ device }}.`, {
    hint: 'Check the name of the device; a partition may be meant (lsblk -f).',
    place: { device },
  });
}

function damaged(device: string, physical: number, why: string): DendroError {
  return corrupt(
    'superblock-damaged',
    say`The superblock on ${{ device }} at ${{ physical }} is bad: ${{ why }}.`,
    {
      hint: 'Try dendro rescue on the device.',
      place: { device, physical },
    },
  );
}
