import { bits64, bytes, struct, told64, u16, u32, u64, u8, type Read } from './struct.ts';

/** Layouts of `linux/btrfs_tree.h`, all packed and little-endian. */

export const KEY_LAYOUT = struct('key', 17, { objectId: u64, type: u8, offset: u64 });

/** In front of every tree block; the checksum covers everything behind itself. */
export const HEADER = struct('header', 101, {
  checksum: bytes(32),
  fsid: bytes(16),
  logical: u64,
  flags: bits64,
  chunkTreeUuid: bytes(16),
  generation: u64,
  owner: u64,
  itemCount: u32,
  level: u8,
});
/** A leaf's item: `dataOffset` counts from the end of the header. */
export const ITEM = struct('item', 25, { key: bytes(17), dataOffset: u32, dataSize: u32 });
export const KEY_POINTER = struct('key pointer', 33, {
  key: bytes(17),
  logical: u64,
  generation: u64,
});

export const DEVICE_ITEM = struct('device item', 98, {
  deviceId: u64,
  totalBytes: u64,
  bytesUsed: told64,
  ioAlign: u32,
  ioWidth: u32,
  sectorSize: u32,
  type: bits64,
  generation: u64,
  startOffset: u64,
  group: u32,
  seekSpeed: u8,
  bandwidth: u8,
  uuid: bytes(16),
  fsid: bytes(16),
});
export type DeviceItem = Read<typeof DEVICE_ITEM>;

export const CHUNK = struct('chunk', 48, {
  length: u64,
  owner: u64,
  stripeLength: u64,
  type: bits64,
  ioAlign: u32,
  ioWidth: u32,
  sectorSize: u32,
  stripeCount: u16,
  subStripes: u16,
});
export const STRIPE = struct('stripe', 32, { deviceId: u64, offset: u64, deviceUuid: bytes(16) });

export const SUPERBLOCK = struct('superblock', 4096, {
  checksum: bytes(32),
  fsid: bytes(16),
  physical: u64,
  flags: bits64,
  magic: bytes(8),
  generation: u64,
  root: u64,
  chunkRoot: u64,
  logRoot: u64,
  logRootTransid: u64,
  totalBytes: told64,
  bytesUsed: told64,
  rootDirectory: told64,
  deviceCount: u64,
  sectorSize: u32,
  nodeSize: u32,
  leafSize: u32,
  stripeSize: u32,
  systemChunksSize: u32,
  chunkRootGeneration: u64,
  compatFlags: bits64,
  compatReadOnlyFlags: bits64,
  incompatFlags: bits64,
  checksumType: u16,
  rootLevel: u8,
  chunkRootLevel: u8,
  logRootLevel: u8,
  device: bytes(98),
  label: bytes(256),
  cacheGeneration: bits64,
  uuidTreeGeneration: bits64,
  metadataUuid: bytes(16),
  globalRoots: told64,
  reserved: bytes(216),
  systemChunks: bytes(2048),
  backupRoots: bytes(672),
  padding: bytes(565),
});
export const BACKUP_ROOT = struct('backup root', 168, {
  treeRoot: u64,
  treeRootGeneration: u64,
  chunkRoot: u64,
  chunkRootGeneration: u64,
  extentRoot: u64,
  extentRootGeneration: u64,
  fsRoot: u64,
  fsRootGeneration: u64,
  deviceRoot: u64,
  deviceRootGeneration: u64,
  csumRoot: u64,
  csumRootGeneration: u64,
  totalBytes: told64,
  bytesUsed: told64,
  deviceCount: told64,
  unused: bytes(32),
  treeRootLevel: u8,
  chunkRootLevel: u8,
  extentRootLevel: u8,
  fsRootLevel: u8,
  deviceRootLevel: u8,
  csumRootLevel: u8,
  padding: bytes(10),
});
export type BackupRoot = Read<typeof BACKUP_ROOT>;

export const TIMESPEC = struct('timespec', 12, { seconds: bits64, nanoseconds: u32 });
export const INODE_ITEM = struct('inode item', 160, {
  generation: u64,
  transid: u64,
  size: u64,
  bytes: u64,
  blockGroup: bits64,
  links: u32,
  uid: u32,
  gid: u32,
  mode: u32,
  rdev: u64,
  flags: bits64,
  sequence: bits64,
  reserved: bytes(32),
  atime: bytes(12),
  ctime: bytes(12),
  mtime: bytes(12),
  otime: bytes(12),
});
/** Up to `generationV2` in the old, shorter form; the rest is valid when the two agree. */
export const ROOT_ITEM = struct('root item', 439, {
  inode: bytes(160),
  generation: u64,
  rootDirectory: u64,
  logical: u64,
  byteLimit: bits64,
  bytesUsed: told64,
  lastSnapshot: told64,
  flags: bits64,
  references: u32,
  dropProgress: bytes(17),
  dropLevel: u8,
  level: u8,
  generationV2: u64,
  uuid: bytes(16),
  parentUuid: bytes(16),
  receivedUuid: bytes(16),
  ctransid: u64,
  otransid: u64,
  stransid: u64,
  rtransid: u64,
  ctime: bytes(12),
  otime: bytes(12),
  stime: bytes(12),
  rtime: bytes(12),
  reserved: bytes(64),
});
/** Root refs and backrefs alike; the name follows. */
export const ROOT_REF = struct('root ref', 18, { directory: u64, sequence: u64, nameLength: u16 });
/** Dir items, dir indexes and xattrs; name, then data, follow. */
export const DIR_ITEM = struct('dir item', 30, {
  location: bytes(17),
  transid: u64,
  dataLength: u16,
  nameLength: u16,
  type: u8,
});
export const INODE_REF = struct('inode ref', 10, { index: u64, nameLength: u16 });
export const INODE_EXTREF = struct('inode extref', 18, {
  parent: u64,
  index: u64,
  nameLength: u16,
});
/** Inline extents end after `type`; their data follows there, at 21. */
export const FILE_EXTENT = struct('file extent', 53, {
  generation: u64,
  ramBytes: u64,
  compression: u8,
  encryption: u8,
  otherEncoding: u16,
  type: u8,
  diskLogical: u64,
  diskLength: u64,
  offset: u64,
  length: u64,
});
export const EXTENT_ITEM = struct('extent item', 24, {
  references: u64,
  generation: u64,
  flags: bits64,
});
export const EXTENT_DATA_REF = struct('extent data ref', 28, {
  root: u64,
  inode: u64,
  offset: bits64,
  count: u32,
});
export const BLOCK_GROUP_ITEM = struct('block group item', 24, {
  used: u64,
  chunkObject: u64,
  flags: bits64,
});
/** `chunk` is the logical address of the chunk that the extent belongs to. */
export const DEVICE_EXTENT = struct('device extent', 48, {
  chunkTree: u64,
  chunkObject: u64,
  chunk: u64,
  length: u64,
  chunkTreeUuid: bytes(16),
});
