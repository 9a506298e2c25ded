/** Numbers of `linux/btrfs_tree.h` and `linux/btrfs.h`; ids near 2^64 are small negatives. */

export const TREE = {
  root: 1,
  extent: 2,
  chunk: 3,
  device: 4,
  fs: 5,
  rootDirectory: 6,
  checksum: 7,
  quota: 8,
  uuid: 9,
  freeSpace: 10,
  blockGroup: 11,
  log: -6,
  relocation: -8,
  dataRelocation: -9,
} as const;

export const OBJECT = {
  deviceItems: 1,
  firstFree: 256,
  firstChunk: 256,
  orphan: -5,
  checksum: -10,
} as const;

export const KEY = {
  inodeItem: 1,
  inodeRef: 12,
  inodeExtref: 13,
  xattrItem: 24,
  verityDescriptor: 36,
  verityMerkle: 37,
  orphanItem: 48,
  dirItem: 84,
  dirIndex: 96,
  extentData: 108,
  extentCsum: 128,
  rootItem: 132,
  rootBackref: 144,
  rootRef: 156,
  extentItem: 168,
  metadataItem: 169,
  extentOwnerRef: 172,
  treeBlockRef: 176,
  extentDataRef: 178,
  sharedBlockRef: 182,
  sharedDataRef: 184,
  blockGroupItem: 192,
  deviceExtent: 204,
  deviceItem: 216,
  chunkItem: 228,
  persistentItem: 249,
  uuidSubvolume: 251,
  uuidReceived: 252,
} as const;

/** Inode flags that a reader must know (`BTRFS_INODE_*`, kernel documentation of btrfs). */
export const INODE_FLAG = {
  nodatasum: 0x1,
  nodatacow: 0x2,
  readonly: 0x4,
  nocompress: 0x8,
  prealloc: 0x10,
  sync: 0x20,
  immutable: 0x40,
  append: 0x80,
  nodump: 0x100,
  noatime: 0x200,
  dirsync: 0x400,
  compress: 0x800,
} as const;

export const FILE_TYPE = {
  unknown: 0,
  regular: 1,
  directory: 2,
  characterDevice: 3,
  blockDevice: 4,
  fifo: 5,
  socket: 6,
  symlink: 7,
  xattr: 8,
} as const;

export const EXTENT_TYPE = { inline: 0, regular: 1, prealloc: 2 } as const;
export const COMPRESSION = { none: 0, zlib: 1, lzo: 2, zstd: 3 } as const;

export const CHECKSUM_TYPE = { crc32c: 0, xxhash64: 1, sha256: 2, blake2b: 3 } as const;

export const GROUP = {
  data: 0x1,
  system: 0x2,
  metadata: 0x4,
  raid0: 0x8,
  raid1: 0x10,
  dup: 0x20,
  raid10: 0x40,
  raid5: 0x80,
  raid6: 0x100,
  raid1c3: 0x200,
  raid1c4: 0x400,
} as const;

export const EXTENT_FLAG = { data: 0x1, treeBlock: 0x2, fullBackref: 0x100 } as const;
export const ROOT_READ_ONLY = 1;
/** In a dir item's type byte: the name is encrypted (fscrypt, not in released kernels). */
export const FILE_TYPE_ENCRYPTED = 0x80;

export const SUPERBLOCK_OFFSETS = [0x1_0000, 0x400_0000, 0x40_0000_0000] as const;
export const SUPERBLOCK_SIZE = 4096;
export const MAX_NODE_SIZE = 65536;
export const MAX_LEVEL = 7;
export const STRIPE_LENGTH = 65536;
/** The longest name in a directory, and the longest target of a symlink. */
export const MAX_NAME = 255;
