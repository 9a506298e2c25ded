/**
 * The ioctls of `linux/btrfs.h` on subvolumes and whole filesystems. Those on a file's data and
 * flags are in btrfs-ioctl-file.ts, tree search in btrfs-ioctl-search.ts.
 */
import { conflict, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { ior, iow, iowr } from './ioctl-number.ts';
import { checked, ERRNO, pathText } from './libc-error.ts';
import { lastErrno, libc } from './libc.ts';

const TYPE = 0x94;
const VOL_ARGS_BYTES = 4096;
const SUBVOL_INFO_BYTES = 504;
const RECEIVED_ARGS_BYTES = 200;
const FS_INFO_BYTES = 1024;
/** struct btrfs_ioctl_ino_lookup_args: tree, inode, name. */
const INO_LOOKUP_BYTES = 4096;
const DEV_INFO_BYTES = 4096;
const NAME_MAX_BYTES = 255;

const IOC_SNAP_DESTROY = iow(TYPE, 15, VOL_ARGS_BYTES);
const IOC_INO_LOOKUP = iowr(TYPE, 18, INO_LOOKUP_BYTES);
const IOC_DEFAULT_SUBVOL = iow(TYPE, 19, 8);
const IOC_WAIT_SYNC = iow(TYPE, 22, 8);
const IOC_START_SYNC = ior(TYPE, 24, 8);
const IOC_SNAP_CREATE_V2 = iow(TYPE, 23, VOL_ARGS_BYTES);
const IOC_SUBVOL_CREATE_V2 = iow(TYPE, 24, VOL_ARGS_BYTES);
const IOC_SUBVOL_GETFLAGS = ior(TYPE, 25, 8);
const IOC_SUBVOL_SETFLAGS = iow(TYPE, 26, 8);
const IOC_DEV_INFO = iowr(TYPE, 30, DEV_INFO_BYTES);
const IOC_FS_INFO = ior(TYPE, 31, FS_INFO_BYTES);
const IOC_SET_RECEIVED = iowr(TYPE, 37, RECEIVED_ARGS_BYTES);
const IOC_GET_SUBVOL_INFO = ior(TYPE, 60, SUBVOL_INFO_BYTES);
const IOC_SNAP_DESTROY_V2 = iow(TYPE, 63, VOL_ARGS_BYTES);

const SUBVOL_RDONLY = 1n << 1n;
const SUBVOL_SPEC_BY_ID = 1n << 4n;

/** Inode number of a subvolume's top directory (BTRFS_FIRST_FREE_OBJECTID). */
export const SUBVOLUME_TOP_INODE = 256;
/** Of the empty folder that stands in a snapshot for a nested subvolume; nothing can be asked of it. */
export const STUB_INODE = 2;

/** Creates an empty subvolume `name` in the directory `dir`. */
export function createSubvolume(dir: number, name: Uint8Array): void {
  const argument = volumeArguments(0, 0n, name);
  checked(libc().ioctl(dir, IOC_SUBVOL_CREATE_V2, argument), 'create the subvolume', name);
}

/**
 * Snapshots the subvolume open as `source` to `name` in the directory `dir`.
 * @throws Conflict 'swap-in-use', 'exists'; Io 'target-full', ...
 */
export function createSnapshot(
  dir: number,
  name: Uint8Array,
  source: number,
  readOnly: boolean,
): void {
  const argument = volumeArguments(source, readOnly ? SUBVOL_RDONLY : 0n, name);
  const result = libc().ioctl(dir, IOC_SNAP_CREATE_V2, argument);
  if (result < 0 && lastErrno() === ERRNO.ETXTBSY) throw swapInUse(name);
  checked(result, 'create the snapshot', name);
}

/** The kernel keeps the place of a swap file on the device, which a snapshot would share. */
function swapInUse(name: Uint8Array): Error {
  return conflict(
    'swap-in-use',
    say`No snapshot "${{ name: pathText(name) }}" can be made of a subvolume with a swap file in use.`,
    {
      hint: 'Move the swap file into a subvolume of its own: swapoff, btrfs subvolume create, btrfs filesystem mkswapfile.',
    },
  );
}

/**
 * Deletes the subvolume `name` in the directory `dir`. A read-only one can be deleted by root
 * as it is; the space comes back when the kernel's cleaner has been at it.
 */
export function deleteSubvolume(dir: number, name: Uint8Array): void {
  // The first form is enough for a name, and older kernels have it: vol_args is fd, then name.
  const argument = Buffer.alloc(VOL_ARGS_BYTES);
  argument.set(checkedName(name), 8);
  checked(libc().ioctl(dir, IOC_SNAP_DESTROY, argument), 'delete the subvolume', name);
}

/**
 * The same by its id: it may lie outside of what is mounted. For root only.
 * @param directory any, of a mount of the filesystem that can be written to.
 * @throws Unsupported before Linux 5.7
 */
export function deleteSubvolumeById(directory: number, id: number): void {
  const argument = Buffer.alloc(VOL_ARGS_BYTES);
  argument.writeBigUInt64LE(SUBVOL_SPEC_BY_ID, 16);
  argument.writeBigUInt64LE(BigInt(id), 56);
  checked(libc().ioctl(directory, IOC_SNAP_DESTROY_V2, argument), 'delete the subvolume');
}

/** Makes the subvolume with this id the one that a mount without a choice shows. */
export function setDefaultSubvolume(fd: number, id: number): void {
  const argument = Buffer.alloc(8);
  argument.writeBigUInt64LE(BigInt(id));
  checked(libc().ioctl(fd, IOC_DEFAULT_SUBVOL, argument), 'set the default subvolume');
}

/** What the kernel says of a subvolume (struct btrfs_ioctl_get_subvol_info_args). */
export interface SubvolumeInfo {
  readonly id: number;
  readonly name: Buffer;
  readonly parentId: number;
  readonly directoryInode: number;
  readonly generation: number;
  readonly readOnly: boolean;
  readonly uuid: Buffer;
  readonly parentUuid: Buffer;
  readonly receivedUuid: Buffer;
  readonly ctransid: number;
  readonly otransid: number;
  readonly stransid: number;
  readonly rtransid: number;
}

/** The id alone: the kernel has it in memory, also when it can no longer read its trees. */
export function subvolumeId(fd: number): number {
  const lookup = Buffer.alloc(INO_LOOKUP_BYTES);
  lookup.writeBigUInt64LE(BigInt(SUBVOLUME_TOP_INODE), 8);
  checked(libc().ioctl(fd, IOC_INO_LOOKUP, lookup), 'ask for the subvolume of this path');
  return Number(lookup.readBigUInt64LE(0));
}

/** The subvolume that `fd` lies in. */
export function subvolumeInfo(fd: number): SubvolumeInfo {
  const info = Buffer.alloc(SUBVOL_INFO_BYTES);
  checked(libc().ioctl(fd, IOC_GET_SUBVOL_INFO, info), 'ask for the subvolume of this path');
  const u64 = (offset: number): number => Number(info.readBigUInt64LE(offset));
  const name = info.subarray(8, 264);
  return {
    id: u64(0),
    name: name.subarray(0, name.indexOf(0)),
    parentId: u64(264),
    directoryInode: u64(272),
    generation: u64(280),
    readOnly: (u64(288) & 1) !== 0,
    uuid: info.subarray(296, 312),
    parentUuid: info.subarray(312, 328),
    receivedUuid: info.subarray(328, 344),
    ctransid: u64(344),
    otransid: u64(352),
    stransid: u64(360),
    rtransid: u64(368),
  };
}

/** Marks the read-write subvolume of `fd` as received from `uuid` as of `stransid`. */
export function setReceived(fd: number, uuid: Uint8Array, stransid: number): void {
  const argument = Buffer.alloc(RECEIVED_ARGS_BYTES);
  argument.set(uuid, 0);
  argument.writeBigUInt64LE(BigInt(stransid), 16);
  checked(libc().ioctl(fd, IOC_SET_RECEIVED, argument), 'set the received UUID');
}

export function isReadOnlySubvolume(fd: number): boolean {
  return (subvolumeFlags(fd) & SUBVOL_RDONLY) !== 0n;
}

/** `fd` is the subvolume's top directory. */
export function setReadOnlySubvolume(fd: number, readOnly: boolean): void {
  const flags = Buffer.alloc(8);
  const kept = subvolumeFlags(fd) & ~SUBVOL_RDONLY;
  flags.writeBigUInt64LE(readOnly ? kept | SUBVOL_RDONLY : kept);
  const what = readOnly ? 'make the subvolume read-only' : 'make the subvolume writable';
  checked(libc().ioctl(fd, IOC_SUBVOL_SETFLAGS, flags), what);
}

function subvolumeFlags(fd: number): bigint {
  const flags = Buffer.alloc(8);
  checked(libc().ioctl(fd, IOC_SUBVOL_GETFLAGS, flags), "read the subvolume's flags");
  return flags.readBigUInt64LE();
}

/**
 * Commits the running transaction, if there is one, without writing out dirty file data: what
 * the trees say of snapshots is on the device then.
 */
export function commitTrees(fd: number): void {
  const transid = Buffer.alloc(8);
  checked(libc().ioctl(fd, IOC_START_SYNC, transid), 'commit to the drive');
  checked(libc().ioctl(fd, IOC_WAIT_SYNC, transid), 'commit to the drive');
}

export interface FilesystemInfo {
  readonly fsid: Buffer;
  readonly metadataUuid: Buffer;
  readonly nodeSize: number;
  readonly sectorSize: number;
  readonly deviceCount: number;
  readonly maxDeviceId: number;
}

/** The btrfs filesystem that `fd` lies on. */
export function filesystemInfo(fd: number): FilesystemInfo {
  const info = Buffer.alloc(FS_INFO_BYTES);
  // Asks for the generation and metadata_uuid too; older kernels leave them zero.
  info.writeBigUInt64LE(6n, 48);
  checked(libc().ioctl(fd, IOC_FS_INFO, info), 'ask for the btrfs filesystem of this path');
  return {
    maxDeviceId: Number(info.readBigUInt64LE(0)),
    deviceCount: Number(info.readBigUInt64LE(8)),
    fsid: info.subarray(16, 32),
    nodeSize: info.readUInt32LE(32),
    sectorSize: info.readUInt32LE(36),
    metadataUuid: info.subarray(64, 80),
  };
}

export interface DeviceInfo {
  readonly id: number;
  readonly uuid: Buffer;
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** Empty when the device is missing. */
  readonly path: Buffer;
}

/** A member device, or undefined when there is none with this id. */
export function deviceInfo(fd: number, id: number): DeviceInfo | undefined {
  const info = Buffer.alloc(DEV_INFO_BYTES);
  info.writeBigUInt64LE(BigInt(id), 0);
  if (libc().ioctl(fd, IOC_DEV_INFO, info) < 0) return undefined;
  const path = info.subarray(3072);
  return {
    id,
    uuid: info.subarray(8, 24),
    usedBytes: Number(info.readBigUInt64LE(24)),
    totalBytes: Number(info.readBigUInt64LE(32)),
    path: path.subarray(0, path.indexOf(0)),
  };
}

/** struct btrfs_ioctl_vol_args_v2: fd at 0, flags at 16, name at 56. */
function volumeArguments(fd: number, flags: bigint, name: Uint8Array): Buffer {
  const bytes = Buffer.alloc(VOL_ARGS_BYTES);
  bytes.writeBigInt64LE(BigInt(fd), 0);
  bytes.writeBigUInt64LE(flags, 16);
  bytes.set(checkedName(name), 56);
  return bytes;
}

function checkedName(name: Uint8Array): Uint8Array {
  const dots = name.every((byte) => byte === 0x2e) && name.length <= 2;
  if (dots || name.length > NAME_MAX_BYTES || name.includes(0) || name.includes(0x2f)) {
    throw usage(
      'bad-subvolume-name',
      'A subvolume name has 1 to 255 bytes without slash or NUL, and is not a dot or two.',
    );
  }
  return name;
}
