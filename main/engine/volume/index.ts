export { openVolume, type OpenOptions } from './open-volume.ts';
export { Volume, type VolumeOptions } from './volume.ts';
export { Cursor } from './cursor.ts';
export { Node } from './node.ts';
export { sameRoot, type TreeRoot } from './tree-root.ts';
export type { Damage } from './damage.ts';
export type { DataCheck } from './data-reader.ts';
export type { Superblock } from './superblock.ts';
export type { Chunk } from './chunk-map.ts';
