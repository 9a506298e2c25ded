export { openVolume } from './open-volume.ts';
export { Volume, type VolumeOptions } from './volume.ts';
export { settled } from './blocks-in-flight.ts';
export { Cursor } from './cursor.ts';
export { Node } from './node.ts';
export { leafAddresses } from './leaf-addresses.ts';
export { isMountOf, isSameFilesystem } from './same-filesystem.ts';
export { treeGone } from './tree-gone.ts';
export { sameRoot, type TreeRoot } from './tree-root.ts';
export type { Checksum } from './checksum.ts';
export { isDamage, type Damage, type DataOwner } from './damage.ts';
export type { DataCheck } from './data-reader.ts';
export type { Superblock } from './superblock.ts';
export type { Chunk } from './chunk-map.ts';
export { decompress, MAX_COMPRESSED_EXTENT } from '../format/decompress.ts';
export { isSubvolume } from './node-check.ts';
export {
  isDropped,
  namedInRootItem,
  parseDropProgress,
  parseTreeRoot,
  type DropProgress,
} from './root-item.ts';
export { listBlockDevices, type Device } from '../device/index.ts';
